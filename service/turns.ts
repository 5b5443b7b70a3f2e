import { setImmediate as nextTurn } from 'node:timers';

/**
 * Longest work between two checks of the clock and the signal, in milliseconds. The bound of the process is 50 ms: the
 * rest is for an unusually long step, garbage collection and a slow core.
 */
const STRETCH_MS = 10;

/** Characters of one text or attribute to process between two checks of the clock: 1 ms. */
export const TEXT_STEP = 16 * 1024;

/**
 * The turns of one conversion on the event loop. Between two turns, timers run, sockets are read and the health check
 * is answered.
 *
 * @example
 * for (const node of nodes) {
 *   if (turn.isOver) await turn.next();
 *   render(node);
 * }
 */
export interface Turn {
  /** Whether this turn has used its time. Cheap: check at every node and every 16 KiB of text. */
  readonly isOver: boolean;
  /**
   * Waits for the next turn. Conversions take turns in order, one per round of the event loop, so that many together
   * block it no longer than one.
   *
   * @throws the reason of the signal, once it has aborted
   */
  next(): Promise<void>;
}

/** Schedules turns; one for all conversions of a process: see `Turn.next`. */
export interface Turns {
  /** Starts a conversion, which ends when the signal aborts. The first turn starts after the first `next()`. */
  begin(signal: AbortSignal): Turn;
}

export function createTurns(): Turns {
  let waiting: { readonly signal: AbortSignal; readonly resolve: () => void }[] = [];
  let scheduled = false;

  function runOne(): void {
    scheduled = false;
    // Aborted conversions take no time and do not wait for the others.
    const ended = waiting.filter(({ signal }) => signal.aborted);
    if (ended.length > 0) waiting = waiting.filter(({ signal }) => !signal.aborted);
    for (const { resolve } of ended) resolve();
    waiting.shift()?.resolve();
    schedule();
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    nextTurn(runOne);
  }

  return {
    begin(signal) {
      let begun = performance.now();
      return {
        get isOver() {
          return performance.now() - begun > STRETCH_MS;
        },
        async next() {
          await new Promise<void>((resolve) => {
            waiting.push({ signal, resolve });
            schedule();
          });
          signal.throwIfAborted();
          begun = performance.now();
        },
      };
    },
  };
}
