import { createTurns, type Turns } from '../../../../service/turns.ts';
import { threadCpuMs } from '../../support/thread-cpu.ts';

export interface MeasuredTurns extends Turns {
  /** The longest stretch of work since `begin`, in milliseconds of CPU. */
  longest(): number;
}

/** The turns of the service, with measurements. */
export function createMeasuredTurns(): MeasuredTurns {
  const turns = createTurns();
  let longest = 0;
  let begun = threadCpuMs();
  function measure(): void {
    longest = Math.max(longest, threadCpuMs() - begun);
  }
  return {
    begin(signal) {
      const turn = turns.begin(signal);
      longest = 0;
      begun = threadCpuMs();
      return {
        get isOver() {
          return turn.isOver;
        },
        async next() {
          measure();
          await turn.next();
          begun = threadCpuMs();
        },
      };
    },
    longest() {
      measure();
      return longest;
    },
  };
}
