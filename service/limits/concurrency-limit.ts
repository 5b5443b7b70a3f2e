import { ServiceError } from '../errors.ts';

export interface ConcurrencyLimitOptions {
  /** Maximum requests in progress, at least 2. */
  readonly max: number;
  /** How long a request may wait for a slot, in milliseconds. @default 10000 */
  readonly waitMs?: number;
}

export interface ConcurrencyLimit {
  /**
   * Waits for a slot. The waiting client with the fewest slots is first, then its caller with the fewest, then the request
   * that has waited longest.
   *
   * @param onWait called at once when no slot is free
   * @param client of which the caller is a user. @default - the caller is a client itself
   * @returns a function that gives the slot back; later calls do nothing
   * @throws ServiceError `client_busy` when the caller or its client has its share of the slots or of the queue;
   * `server_busy` when other callers leave it no slot in time, or the queue is full; the reason of the signal
   */
  enter(caller: string, signal: AbortSignal, onWait?: () => void, client?: string): Promise<() => void>;
}

interface Waiting {
  readonly caller: string;
  readonly client: string;
  admit(leave: () => void): void;
}

/** Less than a request may take to arrive (TIMEOUTS.request), because its body is not read meanwhile. */
const DEFAULT_WAIT_MS = 10_000;
/** Requests that may wait per slot; each holds a connection. */
const WAITING_PER_SLOT = 16;

/**
 * Bounds concurrent work, which rates alone do not: a client may send everything it is allowed in a minute within one
 * second.
 *
 * A caller is a user of a client, or a client without users. It may take a slot while it has fewer than are free. So with
 * c callers each may have ⌊max / (c + 1)⌋, and while it has fewer, no slot goes to a caller of the same client that has
 * more. One caller alone leaves half of the slots free, two leave a quarter. However much the others ask for, the second
 * caller starts at once where `max` is 2, the third where it is 4, the fourth where it is 8.
 *
 * A client may take a slot while it has, with all its users, fewer than three times as many as are free: at most three
 * quarters, rounded up, so that another client starts at once where `max` is 4 or more. The queue is shared by callers, and by clients, by the
 * first rule.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the waiting requests and the slots are one state
export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { max, waitMs = DEFAULT_WAIT_MS } = options;
  const queue = max * WAITING_PER_SLOT;
  const slotsOf = new Map<string, number>();
  const slotsOfClient = new Map<string, number>();
  const waitingOf = new Map<string, number>();
  const waitingOfClient = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;

  const numberOf = (numbers: Map<string, number>, caller: string) => numbers.get(caller) ?? 0;

  const mayTake = (caller: string, client: string) =>
    numberOf(slotsOf, caller) < max - taken && numberOf(slotsOfClient, client) < 3 * (max - taken);

  function take(caller: string, client: string): () => void {
    taken += 1;
    count(slotsOf, caller, 1);
    count(slotsOfClient, client, 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken -= 1;
      count(slotsOf, caller, -1);
      count(slotsOfClient, client, -1);
      admitNext();
    };
  }

  /** Admits the first in the queue while it may have a slot. If it may not, those behind it may not either. */
  function admitNext(): void {
    for (;;) {
      let first: Waiting | undefined;
      let fewest = 0;
      let fewestOfClient = Number.POSITIVE_INFINITY;
      for (const each of waiting) {
        if (!mayTake(each.caller, each.client)) continue;
        const slots = numberOf(slotsOf, each.caller);
        const all = numberOf(slotsOfClient, each.client);
        if (all > fewestOfClient || (all === fewestOfClient && slots >= fewest)) continue;
        first = each;
        fewest = slots;
        fewestOfClient = all;
      }
      if (first === undefined) return;
      first.admit(take(first.caller, first.client));
    }
  }

  function busy(caller: string, client: string): ServiceError {
    const hasShare = (of: string, numbers: Map<string, number>, all: number, others: Map<string, number>) => {
      const sharing = new Set([of, ...numbers.keys(), ...others.keys()]).size;
      return numberOf(numbers, of) >= Math.max(1, Math.floor(all / (sharing + 1)));
    };
    const code =
      hasShare(caller, slotsOf, max, waitingOf) ||
      hasShare(caller, waitingOf, queue, slotsOf) ||
      hasShare(client, waitingOfClient, queue, slotsOfClient) ||
      numberOf(slotsOfClient, client) >= (max * 3) / 4
        ? 'client_busy'
        : 'server_busy';
    const reason = `${numberOf(slotsOf, caller)} of ${taken} requests at once, ${waiting.size} waiting`;
    return new ServiceError(code, { reason, headers: { 'Retry-After': '1' } });
  }

  return {
    async enter(caller, signal, onWait, client = caller) {
      signal.throwIfAborted();
      // A waiting caller, or its client, has its share of the slots, so this overtakes no caller that may have one.
      if (mayTake(caller, client)) return take(caller, client);
      const waits = Math.max(numberOf(waitingOf, caller), numberOf(waitingOfClient, client));
      if (waits >= queue - waiting.size) throw busy(caller, client);
      return await new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiting.delete(turn);
          count(waitingOf, caller, -1);
          count(waitingOfClient, client, -1);
        };
        const abort = () => {
          end();
          reject(signal.reason);
        };
        const turn: Waiting = {
          caller,
          client,
          admit(leave) {
            end();
            resolve(leave);
          },
        };
        const timer = setTimeout(() => {
          end();
          reject(busy(caller, client));
        }, waitMs);
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(turn);
        count(waitingOf, caller, 1);
        count(waitingOfClient, client, 1);
        onWait?.();
      });
    },
  };
}

/** Adds to a caller's count; removes callers at zero. */
function count(numbers: Map<string, number>, caller: string, change: 1 | -1): void {
  const number = (numbers.get(caller) ?? 0) + change;
  if (number > 0) numbers.set(caller, number);
  else numbers.delete(caller);
}
