import { write } from 'node:fs';

const MAX_WRITE_BYTES = 64 * 1024;
const RETRY_MS = 10;

/**
 * Writes lines to a file descriptor, in order, without blocking the event loop: a pipe whose reader stalls holds one
 * thread of libuv's pool, and lines wait here up to `capacityBytes`. (`process.stdout` writes to pipes synchronously on
 * Linux.)
 */
export class LineWriter {
  readonly capacityBytes: number;
  readonly #fd: number;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #writing = false;
  #broken = false;
  #idle: (() => void)[] = [];

  constructor(fd: number, capacityBytes: number) {
    this.#fd = fd;
    this.capacityBytes = capacityBytes;
  }

  /** Bytes accepted and not yet passed to the operating system. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether the descriptor failed for good (closed pipe, full disk). Further lines are refused. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Queues one line. @returns false when it does not fit or the descriptor is broken; the line is then lost. */
  write(line: string): boolean {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#broken || this.#queuedBytes + bytes.length > this.capacityBytes) return false;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#writing) this.#writeNext();
    return true;
  }

  /** Resolves when everything queued so far is written, or the descriptor is broken. */
  flush(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #writeNext(): void {
    let chunk = this.#queue.shift();
    if (chunk === undefined || this.#broken) {
      this.#writing = false;
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    if (this.#queue.length > 0) {
      const batch = [chunk];
      let size = chunk.length;
      while (this.#queue[0] !== undefined && size + this.#queue[0].length <= MAX_WRITE_BYTES) {
        const next = this.#queue.shift() as Buffer;
        batch.push(next);
        size += next.length;
      }
      chunk = Buffer.concat(batch);
    }
    this.#writing = true;
    this.#writeChunk(chunk);
  }

  #writeChunk(chunk: Buffer): void {
    write(this.#fd, chunk, 0, chunk.length, null, (error, written) => {
      if (error?.code === 'EAGAIN' || error?.code === 'EINTR') {
        setTimeout(() => this.#writeChunk(chunk), RETRY_MS);
        return;
      }
      if (error) this.#broken = true;
      else this.#queuedBytes -= written;
      if (!error && written < chunk.length) this.#writeChunk(chunk.subarray(written));
      else this.#writeNext();
    });
  }
}
