import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ServiceError } from '../../errors.ts';
import { type Gathered, gather } from '../../gather.ts';

/** Bytes that a decompressor gives at once. */
const DECODED_PIECE = 64 * 1024;
/** How a decompressor ends when its input was cut off: with what it has, and no error. */
const { Z_SYNC_FLUSH, Z_FINISH, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH } = constants;

const zlibEnd = (cut: boolean) => ({ chunkSize: DECODED_PIECE, finishFlush: cut ? Z_SYNC_FLUSH : Z_FINISH });
const DECODERS: ReadonlyMap<string, (cut: boolean) => Transform> = new Map([
  ['gzip', (cut: boolean) => createGunzip(zlibEnd(cut))],
  ['x-gzip', (cut: boolean) => createGunzip(zlibEnd(cut))],
  ['deflate', (cut: boolean) => createInflate(zlibEnd(cut))],
  [
    'br',
    (cut: boolean) =>
      createBrotliDecompress({
        chunkSize: DECODED_PIECE,
        finishFlush: cut ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_FINISH,
      }),
  ],
]);

/**
 * Reads a body up to a bound. Both sides of the decompressor are counted: its input is read to the bound before it
 * begins, so that small pieces do not reach it one by one, and a bomb inflates no further than the bound.
 *
 * @param maxBytes largest body, before and after decompression
 * @throws ServiceError `content_unsupported` for an unknown or a stacked content coding
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Gathered> {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return await gather(response, maxBytes);
  const createDecoder = DECODERS.get(coding);
  if (createDecoder === undefined) {
    throw new ServiceError('content_unsupported', { reason: `content coding ${coding.slice(0, 40)}` });
  }
  const encoded = await gather(response, maxBytes);
  const decoder = createDecoder(encoded.truncated);
  try {
    decoder.end(encoded.bytes);
    const { bytes, truncated } = await gather(decoder, maxBytes);
    return { bytes, truncated: truncated || encoded.truncated };
  } finally {
    decoder.destroy();
  }
}
