import type { IncomingMessage, ServerResponse } from 'node:http';
import { TOKENS } from '../../../test/service/support/tokens.ts';

/** Sets or removes a header field of a request before the application reads it. */
export function setField(request: IncomingMessage, name: string, value: string | undefined): void {
  const { headers, rawHeaders } = request;
  // Replace in place, because Node.js keeps the number of fields.
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) rawHeaders[i] = 'x-removed';
  }
  if (value === undefined) delete headers[name];
  else {
    rawHeaders.push(name, value);
    headers[name] = value;
  }
}

export function addToken(request: IncomingMessage): void {
  setField(request, 'authorization', `Bearer ${TOKENS.alice}`);
}

export function tokenOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.replace(/^Bearer /, '');
}

/** Changes header fields just before they are sent. Removes fields with the value `undefined`. */
export function rewriteHead(
  response: ServerResponse,
  change: (response: ServerResponse) => Readonly<Record<string, string | undefined>>,
): void {
  const writeHead = response.writeHead.bind(response) as (...parameters: unknown[]) => ServerResponse;
  response.writeHead = ((status: number, fields: Record<string, string> = {}) => {
    for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
    for (const [name, value] of Object.entries(change(response))) {
      if (value === undefined) response.removeHeader(name);
      else response.setHeader(name, value);
    }
    return writeHead(status);
  }) as ServerResponse['writeHead'];
}

export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'application/json',
): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  response.writeHead(status, { 'content-type': type }).end(body);
}

export function succeed(response: ServerResponse, result: object = { content: [] }): void {
  answer(response, 200, JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
}

export interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly METHOD?: unknown;
  readonly params?: {
    readonly name?: unknown;
    readonly arguments?: { readonly url?: string };
    readonly _meta?: object;
  };
}

/** Largest body that fits into the buffer of a stream, so that it can be put back. */
const MAX_PEEK = 12_000;

/** Reads a small body and puts it back for the application. */
export function peek(request: IncomingMessage, look: (message: Message, text: Buffer) => void): void {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length === 0 || length > MAX_PEEK) {
    look({}, Buffer.alloc(0));
    return;
  }
  const take = () => {
    if (request.readableLength < length) {
      request.once('readable', take);
      return;
    }
    const body: Buffer = request.read(length);
    request.unshift(body);
    look(parse(body.toString()), body);
  };
  request.once('readable', take);
  request.read(0);
}

function parse(text: string): Message {
  try {
    return (JSON.parse(text) as Message | null) ?? {};
  } catch {
    return {};
  }
}
