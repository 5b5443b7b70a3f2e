/** Inline Markdown around text: emphasis, code, a link. */
export interface Mark {
  readonly open: string;
  readonly close: string;
  /** Whether it starts again after the end of a block; a link does not, because it would repeat its target. */
  readonly repeats: boolean;
}

/** Marks around the next text, outermost first. A mark is written when its first text arrives. */
export class Marks {
  readonly #write: (text: string) => void;
  readonly #marks: { readonly mark: Mark; state: 'owed' | 'open' | 'over' }[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  push(mark: Mark): void {
    this.#marks.push({ mark, state: 'owed' });
  }

  pop(): void {
    const last = this.#marks.pop();
    if (last?.state === 'open') this.#write(last.mark.close);
  }

  /** Whether a mark with this opening surrounds the next text. */
  has(open: string): boolean {
    return this.#marks.some(({ mark, state }) => state !== 'over' && mark.open === open);
  }

  /** Opens the next pending mark and returns it. */
  takeOwed(): Mark | undefined {
    const owed = this.#marks.find(({ state }) => state === 'owed');
    if (owed !== undefined) owed.state = 'open';
    return owed?.mark;
  }

  /** Closes all open marks for now. */
  close(): void {
    for (let index = this.#marks.length - 1; index >= 0; index -= 1) {
      const each = this.#marks[index];
      if (each?.state !== 'open') continue;
      this.#write(each.mark.close);
      each.state = each.mark.repeats ? 'owed' : 'over';
    }
  }
}
