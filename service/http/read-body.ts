import { isUtf8 } from 'node:buffer';
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { type Gathered, gather, TooManyPieces } from '../gather.ts';
import { refuseManyValues } from '../json-bounds.ts';
import { SMALL_BODY } from '../limits/concurrency-limits.ts';
import { contextOf } from './context.ts';

/**
 * Reads the body as bytes. No earlier stage reads it: only known clients within their limit get this far. A body of
 * unannounced length that exceeds the size of a small one waits for the room for a large one.
 *
 * @param maxBodyBytes largest body in bytes; a body of unannounced length is refused as soon as it exceeds this
 */
export function readBody(maxBodyBytes: number): RequestHandler {
  async function read(request: Request, becomeLarge?: () => Promise<void>): Promise<void> {
    let ask = becomeLarge;
    const { bytes, truncated } = await new Promise<Gathered>((resolve, reject) => {
      gather(request, maxBodyBytes, ({ length }) => {
        if (ask === undefined || length <= SMALL_BODY) return;
        request.pause();
        ask().then(() => request.resume(), reject);
        ask = undefined;
      }).then(resolve, (error: unknown) => {
        const tooMany = { reason: 'TOO_MANY_PIECES', detail: 'in fewer, larger pieces' };
        reject(error instanceof TooManyPieces ? new ServiceError('body_too_large', tooMany) : notRead());
      });
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
    read(request, contextOf(response).becomeLarge).then(() => settle(), settle);
  };
}

/** Parses the bytes of the body; an empty body is no message. */
export const parseBody: RequestHandler = (request, response, next) => {
  const bytes = request.body as Buffer;
  request.body = bytes.length === 0 ? undefined : parse(bytes);
  if (bytes.length <= SMALL_BODY) contextOf(response).parseAgain = () => parseJson(bytes);
  next();
};

function notRead(): ServiceError {
  return new ServiceError('body_not_read', { reason: 'the connection was closed' });
}

function parse(bytes: Buffer): unknown {
  // Decoding would replace invalid UTF-8, and the replaced text would be served and recorded.
  if (!isUtf8(bytes)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
  refuseManyValues(bytes);
  try {
    return parseJson(bytes);
  } catch {
    throw new ServiceError('parse_error', { reason: 'not JSON' });
  }
}

/** Without a byte order mark (RFC 8259 §8.1). */
function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
}
