/** What the lines of a quote or a list item begin with. */
interface Prefix {
  readonly first: string;
  readonly rest: string;
  used: boolean;
}

/**
 * The breaks between lines and what each begins with. Breaks and prefixes are owed until text comes, so that no line is
 * empty that need not be.
 */
export class LineStarts {
  readonly #hard: string;
  readonly #prefixes: Prefix[] = [];
  /** Line breaks owed by blocks, and by `<br>`. */
  #breaks: 0 | 1 | 2 = 0;
  #hardBreaks = 0;
  #begun = false;
  #any = false;
  /** Prefixes that were there all the time since the last text: those of an empty line. */
  #shared = 0;

  /** @param hard what ends a line that goes on below */
  constructor(hard: string) {
    this.#hard = hard;
  }

  get depth(): number {
    return this.#prefixes.length;
  }

  /** Nothing where nothing came before. */
  gap(breaks: 1 | 2): void {
    if (this.#any && this.#prefixes.at(-1)?.used !== false && breaks > this.#breaks) this.#breaks = breaks;
  }

  hardBreak(): void {
    if (this.#breaks === 0 && this.#begun) this.#hardBreaks += 1;
  }

  begin(first: string, rest: string): void {
    this.#prefixes.push({ first, rest, used: false });
  }

  /** @param tight whether what follows stands on the next line even after a paragraph, as list items do */
  end(tight: boolean): void {
    const prefix = this.#prefixes.pop();
    this.#shared = Math.min(this.#shared, this.#prefixes.length);
    if (tight && prefix?.used) this.#breaks = 1;
  }

  /** Whether the next text begins another block than the last. */
  get isBlockOwed(): boolean {
    return this.#breaks > 0 || this.#hardBreaks > 1;
  }

  /** What stands between the last text and the next; empty in the middle of a line. */
  pay(): string {
    let paid = '';
    if (this.isBlockOwed) {
      // Two `<br>` in a row were paragraphs, before there was `<p>`.
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

  /** Whether anything of the line is there. */
  get isBegun(): boolean {
    return this.#begun && this.#breaks === 0 && this.#hardBreaks === 0;
  }

  /** What a line begins with that goes on. */
  rest(prefixes = this.#prefixes.length): string {
    let rest = '';
    for (let index = 0; index < prefixes; index += 1) rest += this.#prefixes[index]?.rest ?? '';
    return rest;
  }
}
