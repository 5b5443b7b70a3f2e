import { ServiceError } from '../errors.ts';

export interface ConcurrencyLimitOptions {
  /** Requests that may be worked on at once, at least 2. */
  readonly max: number;
  /** How long one may wait for its turn, in milliseconds. @default 10000 */
  readonly waitMs?: number;
}

export interface ConcurrencyLimit {
  /**
   * Waits for a place, in order of arrival.
   *
   * @returns what gives the place back; to be called once or more
   * @throws ServiceError `client_busy` when the client itself has its half of the places and none of them became free
   * in time, or has as many waiting as it may; `server_busy` when all are taken, and none became free in time or
   * nobody more may wait; the reason of the signal
   */
  enter(clientId: string, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly clientId: string;
  admit(leave: () => void): void;
}

/**
 * Heap for each byte that a body may have: JSON of nothing but empty objects becomes 25 times as large, and what of it is
 * thrown away stays for a while. A byte of a page takes a quarter. Measured with test/faults/memory.faults.ts: with this
 * the process holds 440 MB of the smallest task (512 MiB) at most, with half of it 500 MB.
 */
const HEAP_PER_BODY_BYTE = 128;
/** However small bodies and pages must be, a request takes what one of this size does. */
const SMALLEST_BODY = 64 * 1024;

/**
 * How many requests there is memory for, at least 2.
 *
 * @param heapBytes limit of the heap; half of a task's memory
 */
export function placesFor(
  heapBytes: number,
  { maxBodyBytes, maxPageBytes }: { readonly maxBodyBytes: number; readonly maxPageBytes: number },
): number {
  const bytes = Math.max(maxBodyBytes, maxPageBytes / 4, SMALLEST_BODY);
  return Math.max(2, Math.floor(heapBytes / (bytes * HEAP_PER_BODY_BYTE)));
}

/** Below what a whole request may take to arrive (TIMEOUTS.request), for its body is not read meanwhile. */
const DEFAULT_WAIT_MS = 10_000;
/** Requests that may wait for one place, half of all for one client; each holds a connection and nothing of its body. */
const WAITING_PER_PLACE = 16;

/**
 * Bounds what is in memory at once, since rates alone do not: everything a client may send in a minute may come in the
 * same second. One client has at most half of the places, and of the queue for them, so that calls of slow pages do not
 * keep the others out.
 */
export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { max, waitMs = DEFAULT_WAIT_MS } = options;
  const share = Math.floor(max / 2);
  const queue = max * WAITING_PER_PLACE;
  const placesOf = new Map<string, number>();
  const waitingOf = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;

  const hasShare = (clientId: string) => (placesOf.get(clientId) ?? 0) < share;
  const mayWait = (clientId: string) => (waitingOf.get(clientId) ?? 0) < queue / 2;

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

  function admitNext(): void {
    for (const next of waiting) {
      if (taken >= max) return;
      if (hasShare(next.clientId)) next.admit(take(next.clientId));
    }
  }

  function busy(clientId: string): ServiceError {
    const code = hasShare(clientId) && mayWait(clientId) ? 'server_busy' : 'client_busy';
    const reason = `${placesOf.get(clientId) ?? 0} of ${taken} requests at once, ${waiting.size} waiting`;
    return new ServiceError(code, { reason, headers: { 'Retry-After': '1' } });
  }

  return {
    async enter(clientId, signal) {
      signal.throwIfAborted();
      if (taken < max && hasShare(clientId)) return take(clientId);
      if (waiting.size >= queue || !mayWait(clientId)) throw busy(clientId);
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
