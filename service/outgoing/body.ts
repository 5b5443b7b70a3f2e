import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ServiceError } from '../errors.ts';
import { type Gathered, gather } from '../gather.ts';
import { quoted } from '../logging/json-line.ts';

/** Bytes that a decompressor returns at once. */
const DECODED_PIECE = { chunkSize: 64 * 1024 };
const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip(DECODED_PIECE)],
  ['x-gzip', () => createGunzip(DECODED_PIECE)],
  ['deflate', () => createInflate(DECODED_PIECE)],
  ['br', () => createBrotliDecompress(DECODED_PIECE)],
]);

/**
 * Reads a body up to a bound. Both sides of the decompressor are counted: its output, so that a bomb inflates no
 * further than the bound, and its input, so that input that inflates to nothing ends as well.
 *
 * @param maxBytes largest body, before and after decompression
 * @throws ServiceError `content_unsupported` for an unknown or a stacked content coding
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Gathered> {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return await gather(response, maxBytes);
  const decoder = DECODERS.get(coding)?.();
  if (decoder === undefined) {
    throw new ServiceError('content_unsupported', { reason: `content coding ${quoted(coding)}` });
  }
  try {
    const decoded = gather(decoder, maxBytes);
    let cut = false;
    const fed = feed(decoder, response, maxBytes).then((wasCut) => {
      cut = wasCut;
      return decoded;
    });
    // The first failure ends both, and so does output that has reached its bound.
    const { bytes, truncated } = await Promise.race([decoded, fed]);
    return { bytes, truncated: truncated || cut };
  } finally {
    decoder.destroy();
  }
}

/**
 * Merges the input that arrives while a decompressor is busy into one write, because each write occupies a thread.
 *
 * @returns whether there was more than the bound
 */
async function feed(decoder: Transform, source: IncomingMessage, maxBytes: number): Promise<boolean> {
  let fed = 0;
  let atWork = false;
  const { bytes, truncated } = await gather(source, maxBytes, (soFar) => {
    if (atWork) return;
    atWork = true;
    decoder.write(soFar.subarray(fed), () => {
      atWork = false;
    });
    fed = soFar.length;
  });
  const rest = bytes.subarray(fed);
  // The decompressor returns its output so far; ending it on truncated input would be an error.
  if (truncated) decoder.write(rest, () => decoder.push(null));
  else decoder.end(rest);
  return truncated;
}
