import type { Lines } from './lines.ts';

/** Consecutive empty lines to keep. */
const MAX_EMPTY_LINES = 100;

/** Preformatted text: line breaks and blanks stay, except empty lines at the start and the end. */
export class Verbatim {
  readonly #lines: Lines;
  #before: string;
  readonly #fence: string;
  #begun = false;
  #breaks = 0;

  /**
   * @param before the line before it, empty for none
   * @param fence the line after it, empty for none
   */
  constructor(lines: Lines, before: string, fence: string) {
    this.#lines = lines;
    this.#before = before;
    this.#fence = fence;
  }

  write(text: string): void {
    let start = 0;
    while (start < text.length) {
      const found = text.indexOf('\n', start);
      const end = found === -1 ? text.length : found;
      if (end > start) {
        this.#line();
        this.#lines.write(text.slice(start, end).replaceAll('\r', ''));
      }
      if (found !== -1) this.#breaks += 1;
      start = end + 1;
    }
  }

  end(): void {
    if (!this.#begun || this.#fence === '') return;
    this.#breaks = 1;
    this.#line();
    this.#lines.write(this.#fence);
  }

  #line(): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#lines.structure(this.#before);
      this.#breaks = this.#before === '' ? 0 : 1;
    }
    const rest = this.#lines.starts.rest();
    for (let left = Math.min(this.#breaks, MAX_EMPTY_LINES); left > 0; left -= 1) {
      this.#lines.write(`\n${left > 1 ? rest.trimEnd() : rest}`);
    }
    this.#breaks = 0;
  }
}
