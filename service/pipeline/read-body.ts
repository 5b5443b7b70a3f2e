import express, { type RequestHandler } from 'express';

/** Reads the body, which until here nobody has: only known clients within their limit get this far. */
export function readBody(maxBodyBytes: number): RequestHandler {
  const read = express.json({ limit: maxBodyBytes, inflate: false, strict: false, type: () => true });
  return (request, response, next) => {
    // Only now is a client that asked told to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    read(request, response, next);
  };
}
