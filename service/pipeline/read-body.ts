import { isUtf8 } from 'node:buffer';
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { gather, TooManyPieces } from '../gather.ts';
import { refuseManyValues } from '../json-bounds.ts';

/**
 * Reads the body, which until here nobody has: only known clients within their limit get this far.
 *
 * @param maxBodyBytes largest body in bytes; one of unannounced length is refused as soon as it is larger
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
    request.body = parse(bytes);
  }

  return (request, response, next) => {
    // Only now is a client that asked told to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    let settled = false;
    const settle = (error?: unknown) => {
      if (!settled) next(error);
      settled = true;
    };
    // The record is written when the connection closes, which is before a promise tells of it.
    request.once('aborted', () => settle(notRead()));
    read(request).then(() => settle(), settle);
  };
}

function notRead(): ServiceError {
  return new ServiceError('body_not_read', { reason: 'the connection was closed' });
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  // Decoding would put something else in the place of what is no UTF-8, and serve and record that.
  if (!isUtf8(bytes)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
  refuseManyValues(bytes);
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    throw new ServiceError('parse_error', { reason: 'not JSON' });
  }
}
