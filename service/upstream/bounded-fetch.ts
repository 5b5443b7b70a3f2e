import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { areTooMany, gather } from '../gather.ts';
import { createValueBound, refuseManyValues } from '../json-bounds.ts';
import { openSocket } from '../outgoing/open.ts';
import { send } from '../outgoing/send.ts';
import { createWire } from '../outgoing/wire.ts';

const LINE_FEED = 0x0a;
/** Bytes of events to pass on at once: the client needs up to 0.2 ms for each event of 100 bytes. */
const STEP_BYTES = 4096;
/** Most lines of a stream. An event has two or three, and a call reports progress at most 20 times a second. */
const MAX_LINES = 4000;
/** Most replies to requests of the server at once. It may ask for nothing, so an honest server sends a ping at most. */
const MAX_REPLIES = 10;
/** Longest reply, in characters: it refuses a request, or is empty. */
const MAX_REPLY = 2048;
/** Statuses whose responses have no body. */
const NO_BODY = new Set([202, 204, 205, 304]);

/**
 * A `fetch` for the MCP SDK's client, in which a response is bounded in bytes, pieces, header fields, interim responses
 * and JSON values, and replies to the server in number. It follows no redirect, uses no proxy and opens one connection a
 * request. A GET gets 405 from here: the client would open a stream for messages that no request asked for.
 *
 * @param maxBytes largest response body in bytes
 * @param outer ends every request, with its reason
 * @param failed is given the error that ended a stream of events, which the client would only wait for
 */
export function createBoundedFetch(maxBytes: number, outer: AbortSignal, failed: (error: unknown) => void) {
  let replies = 0;

  return async (target: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', body } = init;
    if (method === 'GET') return new Response(null, { status: 405 });
    if (!isReply(body)) return exchange(target, init);
    if (replies >= MAX_REPLIES) {
      failed(tooMuch('REQUESTS'));
      throw tooMuch('REQUESTS');
    }
    replies += 1;
    return exchange(target, init).finally(() => {
      replies -= 1;
    });
  };

  async function exchange(target: string | URL, { method = 'GET', body, ...init }: RequestInit) {
    const url = new URL(target);
    const signal = init.signal ? AbortSignal.any([outer, init.signal]) : outer;
    const wire = createWire(maxBytes);
    const socket = await openSocket(url, url.hostname.replace(/^\[|\]$/g, ''), { signal, wire });
    try {
      const text = typeof body === 'string' ? body : undefined;
      const headers = {
        ...Object.fromEntries(new Headers(init.headers)),
        host: url.host,
        connection: 'close',
        'content-length': Buffer.byteLength(text ?? ''),
      };
      const response = await send(
        socket,
        wire,
        { method, path: `${url.pathname}${url.search}`, headers },
        text,
      );
      const head = { status: response.statusCode ?? 0, headers: headersOf(response) };
      if (head.headers.get('content-type')?.startsWith('text/event-stream')) {
        return new Response(ReadableStream.from(bounded(response, maxBytes, failed)), head);
      }
      const { bytes, truncated } = await gather(response, maxBytes);
      socket.destroy();
      if (truncated) throw tooMuch('BYTES');
      refuseManyValues(bytes);
      return new Response(NO_BODY.has(head.status) ? null : new Uint8Array(bytes), head);
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      throw wire.failure ?? error;
    }
  }
}

/** Whether the message is a response of ours, for a request of the server. */
function isReply(body: RequestInit['body']): boolean {
  return typeof body === 'string' && body.length <= MAX_REPLY && !Object.hasOwn(JSON.parse(body), 'method');
}

/**
 * The pieces of a stream of events, each of a few events, with a turn of the event loop between them: the client works on a
 * piece at once. Ends the connection with the stream, whichever side ends it.
 */
async function* bounded(
  response: IncomingMessage,
  maxBytes: number,
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const count = createValueBound();
  let bytes = 0;
  let pieces = 0;
  let lines = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      pieces += 1;
      if (bytes > maxBytes || areTooMany(pieces, bytes)) throw tooMuch('BYTES');
      for (let at = 0; at < piece.length; at += STEP_BYTES) {
        const part = piece.subarray(at, at + STEP_BYTES);
        for (const byte of part) if (byte === LINE_FEED) lines += 1;
        if (lines > MAX_LINES) throw tooMuch('LINES');
        count(part);
        yield part;
        await nextTurn();
      }
    }
  } catch (error) {
    failed(error);
    throw error;
  } finally {
    response.destroy();
  }
}

function headersOf({ headers }: IncomingMessage): Headers {
  const known = new Headers();
  for (const name of ['content-type', 'mcp-session-id']) {
    const value = headers[name];
    if (typeof value === 'string') known.set(name, value);
  }
  return known;
}

function tooMuch(what: 'BYTES' | 'LINES' | 'REQUESTS'): Error {
  return Object.assign(new Error(`TOO_MANY_${what}`), { code: `TOO_MANY_${what}` });
}
