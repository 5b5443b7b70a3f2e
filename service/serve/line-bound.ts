import type { Readable } from 'node:stream';
import { ServiceError } from '../errors.ts';
import { areTooMany } from '../gather.ts';

/** Longest message over standard input, in bytes; four times the default limit of HTTP. */
const MAX_LINE = 1024 * 1024;
const NEWLINE = 10;

/**
 * Watches the lines of an input. The SDK buffers a line until it ends, and copies all of it for each piece.
 *
 * @returns resolves with `body_too_large` once an unfinished line exceeds 1 MiB, or arrives in more pieces than a body
 * may (service/gather.ts)
 */
export function lineTooLong(input: Readable): Promise<ServiceError> {
  return new Promise((resolve) => {
    let bytes = 0;
    let pieces = 0;
    input.on('data', (piece: Buffer) => {
      const begin = piece.lastIndexOf(NEWLINE) + 1;
      if (begin > 0) bytes = pieces = 0;
      bytes += piece.length - begin;
      pieces += 1;
      const detail =
        bytes > MAX_LINE
          ? `at most ${MAX_LINE} bytes a line`
          : areTooMany(pieces, bytes) && 'in fewer, larger pieces';
      if (detail) resolve(new ServiceError('body_too_large', { reason: detail, detail }));
    });
  });
}
