import type { Readable } from 'node:stream';

/**
 * Number of pieces that are always accepted. Beyond it, pieces must average `MIN_PIECE_BYTES`. A piece costs about a
 * microsecond however small it is, and ten times that when each arrives in its own TLS record.
 */
const FREE_PIECES = 4096;
const LEAST_AVERAGE = 32;
/** Smallest buffer for several pieces, in bytes. */
const FIRST_BYTES = 16 * 1024;

export interface Gathered {
  readonly bytes: Buffer;
  /** Whether the stream had more than `maxBytes`. */
  readonly truncated: boolean;
}

/** A body arrived in too many small pieces, which only an attack or a broken sender does. */
export class TooManyPieces extends Error {
  override readonly name = 'TooManyPieces';
  readonly code = 'TOO_MANY_PIECES';
}

/**
 * Reads a stream up to a bound of bytes into one buffer, at most twice as large as the data or 16 KiB. A single piece is
 * the buffer itself, because most bodies arrive in one. Of several, each is copied and released at once: a retained piece
 * of one byte takes 420. A stream that is not read to its end is left paused.
 *
 * @param maxBytes bytes to keep; reading stops at the first byte beyond
 * @param onPiece called with everything that arrived so far, in a buffer whose content stays
 * @throws TooManyPieces beyond 4,096 pieces that average less than 32 bytes; the stream's own error, which is
 * ECONNRESET when it was closed before its end
 */
export function gather(
  source: Readable,
  maxBytes: number,
  onPiece?: (soFar: Buffer) => void,
): Promise<Gathered> {
  return new Promise((resolve, reject) => {
    let buffer: Buffer = Buffer.alloc(0);
    let length = 0;
    let pieces = 0;
    const take = (piece: Buffer) => {
      pieces += 1;
      const end = length + piece.length;
      if (areTooMany(pieces, end)) return stop(new TooManyPieces('TOO_MANY_PIECES'));
      if (pieces === 1) buffer = piece.subarray(0, maxBytes);
      else {
        if (end > buffer.length && buffer.length < maxBytes) buffer = grown(buffer, length, end, maxBytes);
        piece.copy(buffer, length);
      }
      length = Math.min(end, maxBytes);
      if (end > maxBytes) finish(true);
      else onPiece?.(buffer.subarray(0, length));
    };
    const finish = (truncated: boolean) => {
      stop();
      resolve({ bytes: buffer.subarray(0, length), truncated });
    };
    const ended = () => finish(false);
    const closed = () => stop(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const stop = (error?: Error) => {
      source.off('data', take).off('end', ended).off('close', closed);
      if (!source.readableEnded) source.pause();
      if (error !== undefined) reject(error);
    };
    if (source.destroyed) return closed();
    // The error listener stays: an error after an abandoned connection would otherwise end the process.
    source.on('error', stop).on('end', ended).on('close', closed).on('data', take);
  });
}

/** Whether there are more pieces than this number of bytes may arrive in. */
export function areTooMany(pieces: number, bytes: number): boolean {
  return pieces > FREE_PIECES + bytes / LEAST_AVERAGE;
}

function grown(buffer: Buffer, length: number, needed: number, maxBytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(FIRST_BYTES, needed, 2 * buffer.length)));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
