/** What stands around text in a line: emphasis, code, a link. */
export interface Mark {
  readonly open: string;
  readonly close: string;
  /** Whether it begins again after the end of a block; a link does not, which would repeat its target. */
  readonly repeats: boolean;
}

/** The marks around what comes, outermost first. None is written before there is text for it. */
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

  /** Whether a mark that begins so is around what comes. */
  has(open: string): boolean {
    return this.#marks.some(({ mark, state }) => state !== 'over' && mark.open === open);
  }

  /** The next that is owed, which is open from now on. */
  takeOwed(): Mark | undefined {
    const owed = this.#marks.find(({ state }) => state === 'owed');
    if (owed !== undefined) owed.state = 'open';
    return owed?.mark;
  }

  /** Ends all for now. */
  close(): void {
    for (let index = this.#marks.length - 1; index >= 0; index -= 1) {
      const each = this.#marks[index];
      if (each?.state !== 'open') continue;
      this.#write(each.mark.close);
      each.state = each.mark.repeats ? 'owed' : 'over';
    }
  }
}
