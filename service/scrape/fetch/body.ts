import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ServiceError } from '../../errors.ts';

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

export interface Body {
  readonly bytes: Buffer;
  /** Whether there was more than the bound. */
  readonly truncated: boolean;
}

/**
 * Reads a body up to a bound. Both sides of the decompressor are counted: what comes out, so that a bomb inflates no
 * further than the bound, and what goes in, so that input that inflates to nothing ends as well.
 *
 * @param maxBytes largest result, after decompression
 * @throws ServiceError `content_unsupported` for an unknown or a stacked content coding
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Body> {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const decoder = coding === 'identity' || coding === '' ? undefined : DECODERS.get(coding);
  if (decoder === undefined && coding !== 'identity' && coding !== '') {
    throw new ServiceError('content_unsupported', { reason: `content coding ${coding.slice(0, 40)}` });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  let received = 0;
  let truncated = false;

  async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      received += chunk.length;
      if (received > maxBytes) {
        truncated = true;
        yield chunk.subarray(0, chunk.length - (received - maxBytes));
        return;
      }
      yield chunk;
    }
  }
  async function collect(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) {
        truncated = true;
        return;
      }
    }
  }

  try {
    await (decoder === undefined
      ? pipeline(response, bounded, collect)
      : pipeline(response, bounded, decoder(), collect));
  } catch (error) {
    // Cutting off ends the stream before its end, which every part of it reports as an error of its own.
    if (!truncated) throw error;
  }
  return { bytes: Buffer.concat(chunks, Math.min(length, maxBytes)), truncated };
}
