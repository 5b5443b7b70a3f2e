import { LRUCache } from 'lru-cache';
import { atMost } from '../at-most.ts';
import { type RateLimiter, WINDOW_MS } from './rate-limiter.ts';

/**
 * Keys to remember; the least recently used is evicted. A client has one key. Each of its users has one, and one for each
 * tool: room for 12,500 active users of three tools.
 */
const MAX_KEYS = 50_000;
/** Initial capacity of a new key, in events. */
const FIRST_LENGTH = 8;

/** Times of a key's latest events, oldest first from `next`; at least those within the window. */
interface Events {
  times: Float64Array;
  next: number;
}

/** A rate limiter that can also be queried without counting. */
export interface SlidingWindow extends RateLimiter {
  /**
   * Counts nothing.
   *
   * @param limit at least 1
   * @returns 0 while fewer than `limit` events are in the last 60 s, otherwise the whole seconds, at least 1, until
   * then
   */
  wait(key: string, limit: number): number;
}

/**
 * An exact sliding window: an event is allowed when the event `limit` events ago is at least 60 seconds old, so no 60
 * seconds ever contain more. Costs up to 16 bytes for each event of the busiest 60 seconds of a key in use.
 *
 * @param now monotonic milliseconds
 */
export function createSlidingWindow(now: () => number): SlidingWindow {
  const keys = new LRUCache<string, Events>({ ...atMost(MAX_KEYS), ttl: WINDOW_MS, perf: { now } });

  function wait(events: Events | undefined, limit: number): number {
    if (events === undefined || events.times.length < limit) return 0;
    const { times, next } = events;
    const earliest = times[(next + times.length - limit) % times.length] ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, Math.ceil((earliest + WINDOW_MS - now()) / 1000));
  }

  return {
    wait: (key, limit) => wait(keys.get(key), limit),
    async consume(key, limitPerMinute) {
      const events = keys.get(key) ?? createEvents(FIRST_LENGTH);
      const seconds = wait(events, limitPerMinute);
      if (seconds > 0) return seconds;
      const time = now();
      const oldest = events.times[events.next] ?? Number.NEGATIVE_INFINITY;
      if (oldest + WINDOW_MS > time) grow(events);
      events.times[events.next] = time;
      events.next = (events.next + 1) % events.times.length;
      // Set again even when known: its lifetime counts from its latest event.
      keys.set(key, events);
      return 0;
    },
    close() {},
  };
}

function createEvents(length: number): Events {
  return { times: new Float64Array(length).fill(Number.NEGATIVE_INFINITY), next: 0 };
}

function grow(events: Events): void {
  const { times, next } = events;
  const { length } = times;
  events.times = new Float64Array(2 * length).fill(Number.NEGATIVE_INFINITY, 0, length);
  events.times.set(times.subarray(next), length);
  events.times.set(times.subarray(0, next), 2 * length - next);
  events.next = 0;
}
