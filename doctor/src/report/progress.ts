import type { Finding } from '../check.ts';

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal, progress takes one line per this many checks, so that a CI log shows it. */
const LINE_EVERY = 10;

/** Shows the progress of a run: on a terminal in one line that is overwritten, elsewhere in a few lines. */
export function createProgress(output: Terminal) {
  const wipe = '\r\u001b[K';
  return {
    show({ id, outcome }: Finding, done: number, total: number): void {
      if (output.isTTY) output.write(`${wipe}${done}/${total} ${id}: ${outcome}`);
      else if (done % LINE_EVERY === 0 || done === total) output.write(`${done} of ${total} checks done\n`);
    },
    /** Before a check that only waits: how long the others have been done for is no hang. */
    wait(id: string, done: number, total: number): void {
      const text = `waiting for ${id}`;
      output.write(output.isTTY ? `${wipe}${done}/${total} ${text}` : `${text}\n`);
    },
    end(): void {
      if (output.isTTY) output.write(wipe);
    },
  };
}
