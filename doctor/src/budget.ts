import { Inconclusive, inconclusive } from './verdict.ts';

/** Limits the requests and the time of a run. */
export interface Budget {
  /** Requests and handshakes sent so far. */
  readonly spent: number;
  /** Counts one request. @throws Inconclusive if no request or no time is left */
  spend(): void;
  /** Milliseconds left. */
  remaining(): number;
}

/**
 * @param requests limit for requests and handshakes
 * @param milliseconds limit for the whole run
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
        throw new Inconclusive(inconclusive(`the run reached its limit of ${milliseconds / 1000} s`));
      }
      if (spent >= requests) {
        throw new Inconclusive(inconclusive(`the run reached its limit of ${requests} requests`));
      }
      spent += 1;
    },
  };
}
