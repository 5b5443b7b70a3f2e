import { isUtf8 } from 'node:buffer';
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { gather, TooManyPieces } from '../gather.ts';
import { refuseManyValues } from '../json-bounds.ts';

/**
 * Reads the body as bytes. No earlier stage reads it, so only authenticated clients within their limits reach this
 * point.
 *
 * @param maxBodyBytes largest body in bytes; a body of unannounced length is refused as soon as it exceeds this
 */
export function readBody(maxBodyBytes: number): RequestHandler {
  async function read(request: Request): Promise<void> {
    const { bytes, truncated } = await gather(request, maxBodyBytes).catch((error: unknown) => {
      throw error instanceof TooManyPieces
        ? new ServiceError('body_too_large', { reason: error.code, detail: 'in fewer, larger pieces' })
        : notRead();
    });
    if (truncated) {
      throw new ServiceError('body_too_large', {
        reason: `more than ${maxBodyBytes} bytes came`,
        detail: `at most ${maxBodyBytes} bytes`,
      });
    }
    request.body = bytes;
  }

  return (request, response, next) => {
    // Only now does a client that sent Expect: 100-continue get permission to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    let settled = false;
    const settle = (error?: unknown) => {
      if (!settled) next(error);
      settled = true;
    };
    // The record is written when the connection closes, which is before the promise settles.
    request.once('aborted', () => settle(notRead()));
    read(request).then(() => settle(), settle);
  };
}

/** Parses the bytes of the body. An empty body is not a message. */
export const parseBody: RequestHandler = (request, _response, next) => {
  const bytes = request.body as Buffer;
  request.body = bytes.length === 0 ? undefined : parse(bytes);
  next();
};

function notRead(): ServiceError {
  return new ServiceError('body_not_read', { reason: 'the connection was closed' });
}

function parse(bytes: Buffer): unknown {
  // Decoding would replace invalid UTF-8, and the replaced text would be served and recorded.
  if (!isUtf8(bytes)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
  refuseManyValues(bytes);
  const text = bytes.toString('utf8');
  try {
    // Without a byte order mark (RFC 8259 §8.1).
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    throw new ServiceError('parse_error', { reason: 'not JSON' });
  }
}
