import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateLimiter } from './rate-limiter.ts';

const WINDOW_SECONDS = 60;
/** Whoever waits exactly as told must not fail by a floating-point digit. */
const ROUNDING = 1e-6;

/**
 * A sliding window out of two fixed ones: the current minute's count plus the part of the previous minute's that
 * still lies within the last 60 seconds, taking its events as evenly spread. The store is a library's.
 *
 * @param now wall clock in epoch milliseconds
 */
export function createSlidingWindow(now: () => number): RateLimiter {
  // A fixed window is looked at until the one after it has passed.
  const counters = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 2 * WINDOW_SECONDS });

  return {
    async consume(key, limitPerMinute) {
      const time = now() / 1000 / WINDOW_SECONDS;
      const window = Math.floor(time);
      const elapsed = time - window;
      const currentKey = `${key}:${window}`;
      // Counted first, taken back if refused: of simultaneous events no two can see the same free place.
      const { consumedPoints: current } = await counters.penalty(currentKey);
      const previous = (await counters.get(`${key}:${window - 1}`))?.consumedPoints ?? 0;
      if (previous * (1 - elapsed) + current <= limitPerMinute + ROUNDING) return 0;
      await counters.reward(currentKey);
      return retryAfter(previous, current, elapsed, limitPerMinute);
    },
  };
}

/** Seconds until `previous` has slid out, or this window has passed and enough of `current` has. */
function retryAfter(previous: number, current: number, elapsed: number, limit: number): number {
  const until =
    current <= limit && previous > 0
      ? 1 - (limit - current) / previous
      : 1 + Math.max(0, 1 - (limit - 1) / (current - 1));
  return Math.max(1, Math.ceil((until - elapsed) * WINDOW_SECONDS));
}
