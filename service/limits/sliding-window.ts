import { LRUCache } from 'lru-cache';
import { type RateLimiter, WINDOW_MS } from './rate-limiter.ts';

/** Keys remembered; one beyond forgets the one not used for longest. A client has one, and one for each tool. */
const MAX_KEYS = 50_000;

/** The times of a key's last events, as many as its limit allows, oldest first from `next`. */
interface Events {
  readonly times: Float64Array;
  next: number;
}

/**
 * An exact sliding window: an event is allowed when the one `limit` events ago is at least 60 seconds old, so that no
 * 60 seconds ever hold more. Costs 8 bytes for each event a limit allows.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function createSlidingWindow(now: () => number): RateLimiter {
  const keys = new LRUCache<string, Events>({ max: MAX_KEYS, ttl: WINDOW_MS, perf: { now } });

  return {
    async consume(key, limitPerMinute) {
      const time = now();
      const known = keys.get(key);
      const events =
        known?.times.length === limitPerMinute
          ? known
          : { times: new Float64Array(limitPerMinute).fill(Number.NEGATIVE_INFINITY), next: 0 };
      const oldest = events.times[events.next] ?? Number.NEGATIVE_INFINITY;
      const wait = oldest + WINDOW_MS - time;
      if (wait > 0) return Math.ceil(wait / 1000);
      events.times[events.next] = time;
      events.next = (events.next + 1) % limitPerMinute;
      // Set again even when known: it lives on from its latest event.
      keys.set(key, events);
      return 0;
    },
    close() {},
  };
}
