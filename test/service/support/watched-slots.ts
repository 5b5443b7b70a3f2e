import type { ConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';

export interface WatchedSlots {
  readonly concurrency: ConcurrencyLimits;
  /** Whether a request has had to wait for a slot. */
  waited(): boolean;
}

/** The same limits, which tell a test when a request waits for a slot. */
export function watchedSlots(limits: ConcurrencyLimits): WatchedSlots {
  let waited = false;
  const { maxConcurrent } = limits;
  return {
    concurrency: {
      ...limits,
      maxConcurrent: {
        enter(caller, signal, onWait, client) {
          const noted = () => {
            waited = true;
            onWait?.();
          };
          return maxConcurrent.enter(caller, signal, noted, client);
        },
      },
    },
    waited: () => waited,
  };
}
