import { createTurns, type Turns } from '../../../../service/scrape/page/turns.ts';

export interface MeasuredTurns extends Turns {
  /** The longest stretch of work since `begin`, in milliseconds of CPU: what other processes do meanwhile does not count. */
  longest(): number;
}

/** The turns of the service, each of them measured. */
export function createMeasuredTurns(): MeasuredTurns {
  const turns = createTurns();
  let longest = 0;
  let begun = process.cpuUsage();
  function measure(): void {
    const { user, system } = process.cpuUsage(begun);
    longest = Math.max(longest, (user + system) / 1000);
  }
  return {
    begin(signal) {
      const turn = turns.begin(signal);
      longest = 0;
      begun = process.cpuUsage();
      return {
        get isOver() {
          return turn.isOver;
        },
        async next() {
          measure();
          await turn.next();
          begun = process.cpuUsage();
        },
      };
    },
    longest() {
      measure();
      return longest;
    },
  };
}
