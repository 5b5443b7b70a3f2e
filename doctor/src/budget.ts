import { Inconclusive, inconclusive } from './verdict.ts';

/** How much a run may send and how long it may take. */
export interface Budget {
  /** Requests and handshakes so far. */
  readonly spent: number;
  /** Counts one more. @throws Inconclusive when there are no more, or no more time */
  spend(): void;
  /** Milliseconds that are left. */
  remaining(): number;
}

/**
 * @param requests requests and handshakes, of whatever kind
 * @param milliseconds for the whole run
 */
export function createBudget(requests: number, milliseconds: number): Budget {
  const deadline = performance.now() + milliseconds;
  let spent = 0;
  return {
    get spent() {
      return spent;
    },
    remaining: () => Math.max(0, deadline - performance.now()),
    spend() {
      if (performance.now() >= deadline) {
        throw new Inconclusive(inconclusive(`the ${milliseconds / 1000} s of this run were over`));
      }
      if (spent >= requests) {
        throw new Inconclusive(inconclusive(`the ${requests} requests of this run were spent`));
      }
      spent += 1;
    },
  };
}
