/** Counts events of a key over the last 60 seconds. */
export interface RateLimiter {
  /**
   * Counts one event if the limit allows it; a refused event does not count.
   *
   * @returns 0 when allowed, otherwise the seconds (whole, at least 1) until the next event would be
   * @throws ServiceError `limits_unavailable` when a shared store is down and nothing may pass uncounted
   */
  consume(key: string, limitPerMinute: number): Promise<number>;
  /** Lets go of the store, so that it does not hold the process. */
  close(): void;
}

export const WINDOW_MS = 60_000;
