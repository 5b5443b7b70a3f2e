/** Counts events of a key over the last 60 seconds. */
export interface RateLimiter {
  /**
   * Counts one event if the limit allows it; a refused event does not count.
   *
   * @returns 0 when allowed, otherwise the seconds (whole, at least 1) until the next event would be
   */
  consume(key: string, limitPerMinute: number): Promise<number>;
}
