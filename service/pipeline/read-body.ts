import { isUtf8 } from 'node:buffer';
import express, { type NextFunction, type Request, type RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';

/**
 * Reads the body, which until here nobody has: only known clients within their limit get this far.
 *
 * @param maxBodyBytes largest body in bytes
 */
export function readBody(maxBodyBytes: number): RequestHandler {
  const read = express.raw({
    limit: maxBodyBytes,
    inflate: false,
    type: () => true,
    verify(_request, _response, body) {
      // Decoding would put something else in the place of what is no UTF-8, and serve and record that.
      if (!isUtf8(body)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
    },
  });
  return (request, response, next) => {
    // Only now is a client that asked told to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    read(request, response, refuseEarly(request, maxBodyBytes, next));
  };
}

/** Makes of the bytes that were read what they say, `{}` of none. */
export const parseBody: RequestHandler = (request, _response, next) => {
  const bytes = request.body as Buffer | undefined;
  if (bytes !== undefined) request.body = bytes.length === 0 ? {} : parse(bytes);
  next();
};

const decoder = new TextDecoder();

function parse(bytes: Buffer): unknown {
  try {
    // A byte order mark is left out (RFC 8259 §8.1).
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new ServiceError('parse_error', { reason: 'not JSON' });
  }
}

/**
 * Refuses a body of unannounced length as soon as it is too large. Express reads it to its end before it says so, which
 * a client may put off for as long as a request may take.
 *
 * @returns what is to be called when the body was read; it then does nothing
 */
function refuseEarly(request: Request, maxBytes: number, next: NextFunction): NextFunction {
  let length = 0;
  let refused = false;
  const count = (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes || refused) return;
    refused = true;
    next(
      new ServiceError('body_too_large', {
        reason: `more than ${maxBytes} bytes came`,
        detail: `at most ${maxBytes} bytes`,
      }),
    );
  };
  request.on('data', count);
  return (error?: unknown) => {
    request.off('data', count);
    if (!refused) next(error);
  };
}
