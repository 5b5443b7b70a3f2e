/** Prefix of the lines of a quote or a list item. */
interface Prefix {
  readonly first: string;
  readonly rest: string;
  used: boolean;
}

/** Line breaks and line prefixes. Both are pending until text arrives, so that there are no needless empty lines. */
export class LineStarts {
  readonly #hard: string;
  readonly #prefixes: Prefix[] = [];
  /** Pending line breaks, of blocks and of `<br>`. */
  #breaks: 0 | 1 | 2 = 0;
  #hardBreaks = 0;
  #begun = false;
  #any = false;
  /** Number of prefixes that stayed since the last text; an empty line gets these. */
  #shared = 0;

  /** @param hard text that ends a line before a hard break */
  constructor(hard: string) {
    this.#hard = hard;
  }

  get depth(): number {
    return this.#prefixes.length;
  }

  /** Requests line breaks; does nothing before the first text. */
  gap(breaks: 1 | 2): void {
    if (this.#any && this.#prefixes.at(-1)?.used !== false && breaks > this.#breaks) this.#breaks = breaks;
  }

  hardBreak(): void {
    if (this.#breaks === 0 && this.#begun) this.#hardBreaks += 1;
  }

  begin(first: string, rest: string): void {
    this.#prefixes.push({ first, rest, used: false });
  }

  /** @param tight whether the next block follows without an empty line even after a paragraph, as in lists */
  end(tight: boolean): void {
    const prefix = this.#prefixes.pop();
    this.#shared = Math.min(this.#shared, this.#prefixes.length);
    if (tight && prefix?.used) this.#breaks = 1;
  }

  /** Whether the next text starts another block than the last. */
  get isBlockOwed(): boolean {
    return this.#breaks > 0 || this.#hardBreaks > 1;
  }

  /** The text between the last text and the next; empty in the middle of a line. */
  pay(): string {
    let paid = '';
    if (this.isBlockOwed) {
      // Two `<br>` in a row are a paragraph.
      const isParagraph = this.#breaks !== 1;
      paid = isParagraph ? `\n${this.rest(this.#shared).trimEnd()}\n` : '\n';
      this.#begun = false;
    } else if (this.#hardBreaks === 1) {
      paid = `${this.#hard}\n${this.rest()}`;
    }
    this.#breaks = 0;
    this.#hardBreaks = 0;
    if (this.#begun) return paid;
    this.#begun = true;
    this.#any = true;
    this.#shared = this.#prefixes.length;
    for (const prefix of this.#prefixes) {
      paid += prefix.used ? prefix.rest : prefix.first;
      prefix.used = true;
    }
    return paid;
  }

  /** Whether the current line has any text. */
  get isBegun(): boolean {
    return this.#begun && this.#breaks === 0 && this.#hardBreaks === 0;
  }

  /** The prefix of a continuation line. */
  rest(prefixes = this.#prefixes.length): string {
    let rest = '';
    for (let index = 0; index < prefixes; index += 1) rest += this.#prefixes[index]?.rest ?? '';
    return rest;
  }
}
