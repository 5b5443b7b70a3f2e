/** Characters of pieces that are joined at a time. */
const BLOCK = 16 * 1024;

/**
 * Text written piece by piece up to a bound. Pieces are joined in blocks: a string made by a million additions is a
 * chain that the engine flattens in one step.
 */
export class BoundedText {
  readonly #maxBytes: number;
  readonly #blocks: string[] = [];
  #pieces: string[] = [];
  #characters = 0;
  #bytes = 0;

  /** @param maxBytes of UTF-8; may be exceeded by at most one block and one piece */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the bound is reached; further pieces are dropped. */
  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  write(piece: string): void {
    if (this.#characters >= BLOCK) this.#join();
    if (this.isFull) return;
    this.#pieces.push(piece);
    this.#characters += piece.length;
  }

  /** Inserts a backslash before the last character. */
  escapeLast(): void {
    const last = this.#pieces.pop();
    if (last !== undefined) this.#pieces.push(`${last.slice(0, -1)}\\${last.slice(-1)}`);
  }

  take(): string {
    this.#join();
    return this.#blocks.join('');
  }

  #join(): void {
    const block = this.#pieces.join('');
    this.#pieces = [];
    this.#characters = 0;
    this.#bytes += Buffer.byteLength(block);
    this.#blocks.push(block);
  }
}
