import type { Readable } from 'node:stream';

/**
 * Pieces that a body may come in whatever their size, and bytes that pieces beyond them must have on average. A piece
 * costs about a microsecond however small it is, and where TLS carries each in a record of its own, ten times that.
 */
const FREE_PIECES = 4096;
const LEAST_AVERAGE = 32;
/** Bytes of a buffer at first. */
const FIRST_BYTES = 16 * 1024;

export interface Gathered {
  readonly bytes: Buffer;
  /** Whether there was more than the bound. */
  readonly truncated: boolean;
}

/** The bodies that this is for are bounded in bytes; one in so many small pieces is an attack or a fault of its sender. */
export class TooManyPieces extends Error {
  override readonly name = 'TooManyPieces';
  readonly code = 'TOO_MANY_PIECES';
}

/**
 * Reads a stream up to a bound of bytes into one buffer, at most twice as large as what came. Each piece is copied as
 * it comes and then forgotten: held, a piece of one byte takes 420. The stream is left paused where it was not read to
 * its end.
 *
 * @param maxBytes bytes that are kept; reading ends with the first beyond
 * @param onPiece hears of everything that came so far, in a buffer whose content stays
 * @throws TooManyPieces beyond 4,096 pieces when they have less than 32 bytes on average; the stream's own error,
 *   which is ECONNRESET when it was closed before its end
 */
export function gather(
  source: Readable,
  maxBytes: number,
  onPiece?: (soFar: Buffer) => void,
): Promise<Gathered> {
  return new Promise((resolve, reject) => {
    let buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, maxBytes));
    let length = 0;
    let pieces = 0;
    const take = (piece: Buffer) => {
      pieces += 1;
      const end = length + piece.length;
      if (areTooMany(pieces, end)) return stop(new TooManyPieces('TOO_MANY_PIECES'));
      if (end > buffer.length && buffer.length < maxBytes) buffer = grown(buffer, length, end, maxBytes);
      length += piece.copy(buffer, length);
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
    // The listener for errors stays: one that comes later, of a connection that is given up, has none to tell.
    source.on('error', stop).on('end', ended).on('close', closed).on('data', take);
  });
}

/** Whether so many pieces are more than that many bytes may come in. */
export function areTooMany(pieces: number, bytes: number): boolean {
  return pieces > FREE_PIECES + bytes / LEAST_AVERAGE;
}

function grown(buffer: Buffer, length: number, needed: number, maxBytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(needed, 2 * buffer.length)));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
