/** Counts events of a key over the last 60 seconds. */
export interface RateLimiter {
  /**
   * Counts one event if the limit allows it; a refused event does not count.
   *
   * @returns 0 when allowed, otherwise the whole seconds, at least 1, until the next event is allowed
   * @throws ServiceError `limits_unavailable` when a shared store is down and uncounted requests are refused
   */
  consume(key: string, limitPerMinute: number): Promise<number>;
  /** Disconnects from the store, so that the process can end. */
  close(): void;
}

export const WINDOW_MS = 60_000;
