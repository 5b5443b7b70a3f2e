import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';

/**
 * Reads the body, which until here nobody has: only known clients within their limit get this far.
 *
 * @param maxBodyBytes largest body in bytes
 */
export function readBody(maxBodyBytes: number): RequestHandler {
  const read = express.json({
    limit: maxBodyBytes,
    inflate: false,
    strict: false,
    type: () => true,
    verify(_request, _response, body) {
      // Decoding would put something else in the place of what is no UTF-8, and serve and record that.
      if (!isUtf8(body)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
    },
  });
  return (request, response, next) => {
    // Only now is a client that asked told to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    read(request, response, next);
  };
}
