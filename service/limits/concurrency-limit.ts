import { ServiceError } from '../errors.ts';

export interface ConcurrencyLimitOptions {
  /** Requests that may be worked on at once, at least 2. */
  readonly max: number;
  /** How long one may wait for its turn, in milliseconds. @default 10000 */
  readonly waitMs?: number;
}

export interface ConcurrencyLimit {
  /**
   * Waits for a place. Of those that wait, the client with the fewest places is first, then whoever waits longest.
   *
   * @param onWait called at once when there is no place yet
   * @returns what gives the place back; to be called once or more
   * @throws ServiceError `client_busy` when the client itself has its share, of the places or of the queue for them;
   * `server_busy` when others have so much that it gets none in time, or nobody more may wait; the reason of the signal
   */
  enter(clientId: string, signal: AbortSignal, onWait?: () => void): Promise<() => void>;
}

interface Waiting {
  readonly clientId: string;
  admit(leave: () => void): void;
}

/** Below what a whole request may take to arrive (TIMEOUTS.request), for its body is not read meanwhile. */
const DEFAULT_WAIT_MS = 10_000;
/** Requests that may wait for one place; each holds a connection. */
const WAITING_PER_PLACE = 16;

/**
 * Bounds how much goes on at once, since rates alone do not: everything a client may send in a minute may come in the
 * same second.
 *
 * A client may take a place while it has fewer than are free. So with c clients each may have ⌊max / (c + 1)⌋, and while
 * it has fewer, no place goes to a client that has more. One client alone leaves half of them free, two leave a quarter:
 * however much the others ask for, the second client starts at once where `max` is 2, the third where it is 4, the
 * fourth where it is 8. The queue is shared by the same rule.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the waiting requests and the places are one state
export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { max, waitMs = DEFAULT_WAIT_MS } = options;
  const queue = max * WAITING_PER_PLACE;
  const placesOf = new Map<string, number>();
  const waitingOf = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;

  const numberOf = (numbers: Map<string, number>, clientId: string) => numbers.get(clientId) ?? 0;

  function take(clientId: string): () => void {
    taken += 1;
    count(placesOf, clientId, 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken -= 1;
      count(placesOf, clientId, -1);
      admitNext();
    };
  }

  /** Admits while the first in line may have a place; where it may not, those behind it may not either. */
  function admitNext(): void {
    for (;;) {
      let first: Waiting | undefined;
      let fewest = max - taken;
      for (const each of waiting) {
        const places = numberOf(placesOf, each.clientId);
        if (places >= fewest) continue;
        first = each;
        fewest = places;
      }
      if (first === undefined) return;
      first.admit(take(first.clientId));
    }
  }

  function busy(clientId: string): ServiceError {
    const clients = new Set([clientId, ...placesOf.keys(), ...waitingOf.keys()]).size;
    const hasShare = (numbers: Map<string, number>, all: number) =>
      numberOf(numbers, clientId) >= Math.max(1, Math.floor(all / (clients + 1)));
    const code = hasShare(placesOf, max) || hasShare(waitingOf, queue) ? 'client_busy' : 'server_busy';
    const reason = `${numberOf(placesOf, clientId)} of ${taken} requests at once, ${waiting.size} waiting`;
    return new ServiceError(code, { reason, headers: { 'Retry-After': '1' } });
  }

  return {
    async enter(clientId, signal, onWait) {
      signal.throwIfAborted();
      // Whoever waits has no fewer than are free, so this passes over nobody with as few.
      if (numberOf(placesOf, clientId) < max - taken) return take(clientId);
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

/** Adds to the number of a client; clients without any are forgotten. */
function count(numbers: Map<string, number>, clientId: string, change: 1 | -1): void {
  const number = (numbers.get(clientId) ?? 0) + change;
  if (number > 0) numbers.set(clientId, number);
  else numbers.delete(clientId);
}
