import { BoundedText } from './bounded-text.ts';
import { needsEscape, type Place, placeAfter } from './escape.ts';
import { LineStarts } from './line-starts.ts';
import { Marks } from './marks.ts';

/**
 * Writes text into lines: collapses blanks, separates blocks, prefixes lines, escapes Markdown. Each call takes time
 * linear in its input and output.
 */
export class Lines {
  readonly marks = new Marks((text) => this.write(text));
  readonly starts: LineStarts;
  readonly #markdown: boolean;
  readonly #out: BoundedText;
  /** Whether a blank precedes the next word, and whether it would be the first of its line or cell. */
  #blank = false;
  #edge = true;
  #place: Place = 'start';
  #flat = 0;
  #rows = 0;
  #raw = 0;
  #last = '';

  /** @param maxBytes of UTF-8; may be exceeded slightly */
  constructor(markdown: boolean, maxBytes: number) {
    this.#markdown = markdown;
    this.starts = new LineStarts(markdown ? '  ' : '');
    this.#out = new BoundedText(maxBytes);
  }

  get isFull(): boolean {
    return this.#out.isFull;
  }

  /** Whether everything is on one line, as in a heading or a row. */
  get isFlat(): boolean {
    return this.#flat > 0;
  }

  get isRow(): boolean {
    return this.#rows > 0;
  }

  /** Whether the text is code, in which nothing is escaped. */
  get isRaw(): boolean {
    return this.#raw > 0;
  }

  take(): string {
    this.marks.close();
    return this.#out.take();
  }

  /** The next text starts on a new line, or after an empty one. */
  gap(breaks: 1 | 2): void {
    if (this.isFlat) this.#owe();
    else this.starts.gap(breaks);
  }

  /** A line break inside a block; two make a new paragraph. */
  hardBreak(): void {
    if (this.isFlat) this.#owe();
    else this.starts.hardBreak();
  }

  beginFlat(): void {
    this.#flat += 1;
  }

  endFlat(): void {
    this.#flat -= 1;
  }

  beginRow(): void {
    if (this.#markdown) this.structure('|');
    this.beginFlat();
    this.#rows += 1;
  }

  endRow(): void {
    this.endFlat();
    this.#rows -= 1;
  }

  beginRaw(): void {
    this.#raw += 1;
  }

  endRaw(): void {
    this.#raw -= 1;
  }

  beginCell(): void {
    if (!this.#markdown) {
      this.#owe();
    } else {
      this.#blank = true;
      this.#edge = true;
    }
  }

  /** Marks end with a cell and start again in the next. */
  endCell(): void {
    if (!this.#markdown) return;
    this.marks.close();
    this.structure(' |');
  }

  text(data: string, from: number, to: number): void {
    let start = from;
    for (let index = from; index < to; index += 1) {
      const code = data.charCodeAt(index);
      if (code === 0x20 || (code <= 0x0d && code >= 0x09 && code !== 0x0b)) {
        if (index > start) this.write(data.slice(start, index));
        start = index + 1;
        this.#owe();
        continue;
      }
      if (index === start) this.#open();
      if (!this.#markdown) continue;
      if (this.#isEscaped(data, index)) {
        this.write(`${data.slice(start, index)}\\`);
        start = index;
      }
      if (this.#place !== 'inside') this.#place = placeAfter(code, this.#place);
    }
    if (to > start) this.write(data.slice(start, to));
  }

  #isEscaped(data: string, index: number): boolean {
    if (this.isRaw) return this.isRow && data[index] === '|';
    return needsEscape(data, index, this.#place, this.isRow);
  }

  /** Writes finished Markdown as part of the text. */
  inline(markdown: string): void {
    this.#open();
    this.#place = 'inside';
    this.write(markdown);
  }

  /** Writes structure between texts, which marks do not surround. */
  structure(markdown: string): void {
    this.#line();
    this.write(markdown);
    this.#edge = false;
  }

  write(piece: string): void {
    if (piece === '') return;
    this.#out.write(piece);
    this.#last = piece.slice(-1);
  }

  #owe(): void {
    if (!this.#edge) this.#blank = true;
  }

  /** Writes everything pending before text. */
  #open(): void {
    this.#line();
    if (this.#blank) this.write(' ');
    this.#blank = false;
    this.#edge = false;
    for (let mark = this.marks.takeOwed(); mark !== undefined; mark = this.marks.takeOwed()) {
      // Otherwise it would be an image.
      if (this.#last === '!' && mark.open === '[') this.#out.escapeLast();
      // Otherwise the backticks would form one run that opens or closes nothing, and the code would be Markdown.
      if (this.#last === '`' && mark.open.startsWith('`')) this.write(' ');
      this.write(mark.open);
      this.#place = 'inside';
    }
  }

  #line(): void {
    if (this.starts.isBegun) return;
    if (this.starts.isBlockOwed) this.marks.close();
    this.write(this.starts.pay());
    this.#blank = false;
    this.#edge = true;
    this.#place = this.isFlat ? 'inside' : 'start';
  }
}
