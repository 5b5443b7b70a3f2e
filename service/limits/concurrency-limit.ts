import { ServiceError } from '../errors.ts';

export interface ConcurrencyLimitOptions {
  /** Maximum requests in progress, at least 2. */
  readonly max: number;
  /** How long a request may wait for a slot, in milliseconds. @default 10000 */
  readonly waitMs?: number;
}

export interface ConcurrencyLimit {
  /**
   * Waits for a slot. The waiting client with the fewest slots is first, then the request that has waited longest.
   *
   * @param onWait called at once when no slot is free
   * @returns a function that gives the slot back; later calls do nothing
   * @throws ServiceError `client_busy` when the client has its share of the slots or of the queue; `server_busy` when
   * other clients leave it no slot in time, or the queue is full; the reason of the signal
   */
  enter(clientId: string, signal: AbortSignal, onWait?: () => void): Promise<() => void>;
}

interface Waiting {
  readonly clientId: string;
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
 * A client may take a slot while it has fewer than are free. So with c clients each may have ⌊max / (c + 1)⌋, and while
 * it has fewer, no slot goes to a client that has more. One client alone leaves half of the slots free, two leave a
 * quarter. However much the others ask for, the second client starts at once where `max` is 2, the third where it is 4,
 * the fourth where it is 8. The queue is shared by the same rule.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the waiting requests and the slots are one state
export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { max, waitMs = DEFAULT_WAIT_MS } = options;
  const queue = max * WAITING_PER_SLOT;
  const slotsOf = new Map<string, number>();
  const waitingOf = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;

  const numberOf = (numbers: Map<string, number>, clientId: string) => numbers.get(clientId) ?? 0;

  function take(clientId: string): () => void {
    taken += 1;
    count(slotsOf, clientId, 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken -= 1;
      count(slotsOf, clientId, -1);
      admitNext();
    };
  }

  /** Admits the first in the queue while it may have a slot. If it may not, those behind it may not either. */
  function admitNext(): void {
    for (;;) {
      let first: Waiting | undefined;
      let fewest = max - taken;
      for (const each of waiting) {
        const slots = numberOf(slotsOf, each.clientId);
        if (slots >= fewest) continue;
        first = each;
        fewest = slots;
      }
      if (first === undefined) return;
      first.admit(take(first.clientId));
    }
  }

  function busy(clientId: string): ServiceError {
    const clients = new Set([clientId, ...slotsOf.keys(), ...waitingOf.keys()]).size;
    const hasShare = (numbers: Map<string, number>, all: number) =>
      numberOf(numbers, clientId) >= Math.max(1, Math.floor(all / (clients + 1)));
    const code = hasShare(slotsOf, max) || hasShare(waitingOf, queue) ? 'client_busy' : 'server_busy';
    const reason = `${numberOf(slotsOf, clientId)} of ${taken} requests at once, ${waiting.size} waiting`;
    return new ServiceError(code, { reason, headers: { 'Retry-After': '1' } });
  }

  return {
    async enter(clientId, signal, onWait) {
      signal.throwIfAborted();
      // A waiting client holds at least as many slots as are free, so this overtakes no client with as few.
      if (numberOf(slotsOf, clientId) < max - taken) return take(clientId);
      if (numberOf(waitingOf, clientId) >= queue - waiting.size) throw busy(clientId);
      return await new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiting.delete(turn);
          count(waitingOf, clientId, -1);
        };
        const abort = () => {
          end();
          reject(signal.reason);
        };
        const turn: Waiting = {
          clientId,
          admit(leave) {
            end();
            resolve(leave);
          },
        };
        const timer = setTimeout(() => {
          end();
          reject(busy(clientId));
        }, waitMs);
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(turn);
        count(waitingOf, clientId, 1);
        onWait?.();
      });
    },
  };
}

/** Adds to a client's count; removes clients at zero. */
function count(numbers: Map<string, number>, clientId: string, change: 1 | -1): void {
  const number = (numbers.get(clientId) ?? 0) + change;
  if (number > 0) numbers.set(clientId, number);
  else numbers.delete(clientId);
}
