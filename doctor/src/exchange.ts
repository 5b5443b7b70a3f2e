import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';
import { type Connection, tlsOptions } from './connection.ts';
import { isAnswer, messagesOfEvents, messagesOfJson, type RpcMessage } from './messages.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Fields with the value `undefined` are left out. Must include Host. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer | undefined;
  /** Sends the body without Content-Length. @default false */
  readonly chunked?: boolean | undefined;
  /** Does not wait for the body of an event stream. @default false */
  readonly headOnly?: boolean | undefined;
  /** Reads an event stream until this text. @default - until the first answer */
  readonly until?: RegExp | undefined;
}

export interface Answer {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The part of the body that was read. */
  readonly text: string;
  readonly messages: readonly RpcMessage[];
  /** Why the response is incomplete. */
  readonly failure: 'timeout' | 'closed' | undefined;
}

/** Limit for the body of a response. The doctor reads no further. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** Sends one request and reads the response, with limits for time and size. Follows no redirect. Never throws. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the handlers of one response share its state
export function exchange(
  connection: Connection,
  { method, path, headers, body, chunked, headOnly, until }: WireRequest,
  timeoutMs: number,
): Promise<Answer> {
  const sent = Buffer.from(body ?? '');
  const framing = chunked
    ? { 'transfer-encoding': 'chunked' }
    : body === undefined
      ? {}
      : { 'content-length': String(sent.length) };
  const present = Object.entries({ ...headers, ...framing }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined;
    let isDecoding = false;
    let text = '';
    /** Messages in the complete events so far, and the position where those events end. */
    const messages: RpcMessage[] = [];
    let parsedTo = 0;
    let finished = false;
    const finish = (failure?: Answer['failure']) => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      const known = response?.headers ?? {};
      // A truncated body is not valid JSON, and parsing it may take long.
      const cut = text.length >= MAX_ANSWER_BYTES;
      if (isEventStream(known)) messages.push(...answersOf(text.slice(parsedTo)));
      else if (!cut) messages.push(...messagesOfJson(text));
      resolve({
        status: response?.statusCode ?? 0,
        headers: flat(known),
        text,
        messages,
        failure: failureOf(response, messages, failure),
      });
      outgoing.destroy();
    };
    const common = {
      method,
      path,
      headers: Object.fromEntries(present),
      setHost: false,
      agent: false as const,
    };
    const { address: host, port, secure } = connection;
    const outgoing = secure
      ? httpsRequest({ ...tlsOptions(connection), ...common })
      : httpRequest({ host, port, ...common });
    const timer = setTimeout(() => finish('timeout'), timeoutMs);
    outgoing.on('error', () => finish('closed'));
    // The end of a compressed body is read after the connection has closed.
    outgoing.on('close', () => isDecoding || finish('closed'));
    outgoing.on('upgrade', (upgraded, socket) => {
      response = upgraded;
      socket.destroy();
      finish();
    });
    outgoing.once('response', (incoming) => {
      response = incoming;
      const events = isEventStream(incoming.headers);
      if (events && headOnly) return finish();
      const unpacked = decoded(incoming);
      isDecoding = unpacked !== incoming;
      const plain = events ? createLineEnds() : (chunk: string) => chunk;
      unpacked.setEncoding('utf8').on('data', (raw: string) => {
        const chunk = plain(raw);
        text += chunk;
        if (text.length >= MAX_ANSWER_BYTES) return finish();
        if (until !== undefined && chunk.includes('\n') && until.test(text)) return finish();
        // Parses only the new events, so that many small chunks do not cost much.
        if (!events || !chunk.includes('\n')) return undefined;
        const end = text.lastIndexOf('\n\n') + 1;
        if (end <= parsedTo) return undefined;
        messages.push(...answersOf(text.slice(parsedTo, end)));
        parsedTo = end;
        return messages.length > 0 ? finish() : undefined;
      });
      unpacked.once('end', () => finish());
      for (const stream of new Set([unpacked, incoming])) stream.once('error', () => finish('closed'));
      return undefined;
    });
    outgoing.end(sent.length > 0 ? sent : undefined);
  });
}

/** A stream may continue after the answer. A server that is busy gives up with 408, which refuses nothing. */
function failureOf(
  response: IncomingMessage | undefined,
  messages: readonly RpcMessage[],
  failure: Answer['failure'],
): Answer['failure'] {
  if (isEventStream(response?.headers ?? {}) && messages.length > 0) return undefined;
  return response?.statusCode === 408 ? 'timeout' : failure;
}

function answersOf(text: string): RpcMessage[] {
  return messagesOfEvents(text).filter(isAnswer);
}

export function isEventStream(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return /^text\/event-stream\b/i.test(String(headers['content-type']));
}

/** The body without its compression, which some proxies add although the doctor does not ask for it. */
function decoded(incoming: IncomingMessage): Readable {
  const finishFlush = constants.Z_SYNC_FLUSH;
  switch (incoming.headers['content-encoding']?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return incoming.pipe(createUnzip({ flush: finishFlush, finishFlush }));
    case 'br':
      return incoming.pipe(createBrotliDecompress());
    default:
      return incoming;
  }
}

/** Writes every line end of an event stream as LF. The two characters of CR LF may come in two chunks. */
function createLineEnds(): (chunk: string) => string {
  let endsInCr = false;
  return (chunk) => {
    const rest = endsInCr && chunk.startsWith('\n') ? chunk.slice(1) : chunk;
    endsInCr = chunk.endsWith('\r');
    return rest.replace(/\r\n?/g, '\n');
  };
}

export function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}
