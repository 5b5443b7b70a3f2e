import type { Finding } from '../check.ts';

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal one line for this many checks, so that a CI log shows that it goes on. */
const LINE_EVERY = 10;

/** Tells how far a run is: on a terminal in one line that is written over, elsewhere now and then. */
export function createProgress(output: Terminal) {
  const wipe = '\r\u001b[K';
  return {
    tell({ id, outcome }: Finding, done: number, total: number): void {
      if (output.isTTY) output.write(`${wipe}${done}/${total} ${id}: ${outcome}`);
      else if (done % LINE_EVERY === 0 || done === total) output.write(`${done} of ${total} checks done\n`);
    },
    end(): void {
      if (output.isTTY) output.write(wipe);
    },
  };
}
