import { isUtf8 } from 'node:buffer';
import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { gather, TooManyPieces } from '../gather.ts';

/**
 * Members of objects and items of lists in a message. Parsing, checking and recording 10,000 members of different names takes
 * 20 ms of one core, and nothing else happens meanwhile; the arguments of tools have a few.
 */
const MAX_VALUES = 10_000;

/**
 * Reads the body, which until here nobody has: only known clients within their limit get this far.
 *
 * @param maxBodyBytes largest body in bytes; one of unannounced length is refused as soon as it is larger
 */
export function readBody(maxBodyBytes: number): RequestHandler {
  return async (request, response, next) => {
    // Only now is a client that asked told to send its body.
    if (request.headers.expect !== undefined) response.writeContinue();
    const { bytes, truncated } = await gather(request, maxBodyBytes).catch((error: unknown) => {
      throw error instanceof TooManyPieces
        ? new ServiceError('body_too_large', { reason: error.code, detail: 'in fewer, larger pieces' })
        : new ServiceError('body_not_read', { reason: (error as NodeJS.ErrnoException).code ?? 'failed' });
    });
    if (truncated) {
      throw new ServiceError('body_too_large', {
        reason: `more than ${maxBodyBytes} bytes came`,
        detail: `at most ${maxBodyBytes} bytes`,
      });
    }
    request.body = parse(bytes);
    next();
  };
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  // Decoding would put something else in the place of what is no UTF-8, and serve and record that.
  if (!isUtf8(bytes)) throw new ServiceError('parse_error', { reason: 'not UTF-8' });
  if (hasMoreValues(bytes, MAX_VALUES)) {
    throw new ServiceError('body_too_large', {
      reason: `more than ${MAX_VALUES} members and items`,
      detail: `at most ${MAX_VALUES} members and items`,
    });
  }
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    throw new ServiceError('parse_error', { reason: 'not JSON' });
  }
}

/** Counts without parsing what is between values outside of strings. Most bodies are too short to be looked at. */
function hasMoreValues(json: Buffer, max: number): boolean {
  if (json.length <= 2 * max) return false;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === COMMA || byte === BRACE || byte === BRACKET) values += 1;
    if (values > max) return true;
  }
  return false;
}

const [QUOTE, BACKSLASH, COMMA, BRACE, BRACKET] = Buffer.from('"\\,{[');

/** Where the string that begins here ends: at the first quote that is not escaped. */
function endOfString(json: Buffer, begin: number): number {
  let at = begin + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
