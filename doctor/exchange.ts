import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Connection, tlsOptions } from './connection.ts';
import { isAnswer, messagesOfEvents, messagesOfJson, type RpcMessage } from './messages.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Fields of value `undefined` are left out. Host is always among them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer | undefined;
  /** Sends the body without saying how long it is. @default false */
  readonly chunked?: boolean | undefined;
  /** Takes the head for the whole answer: a stream that opens says nothing more. @default false */
  readonly headOnly?: boolean | undefined;
}

export interface Answer {
  /** Status; 0 when none came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as far as it was read. */
  readonly text: string;
  readonly messages: readonly RpcMessage[];
  /** Why there is no complete answer. */
  readonly failure: 'timeout' | 'closed' | undefined;
}

/** What is read of one answer; whatever comes after it is not waited for. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** One request and what comes back, bounded in time and size. No redirect is followed. Never throws. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the handlers of one response share its state
export function exchange(
  connection: Connection,
  { method, path, headers, body, chunked, headOnly }: WireRequest,
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
    let text = '';
    /** Answers in whole events so far, and where they end. */
    const said: RpcMessage[] = [];
    let whole = 0;
    let finished = false;
    const finish = (failure?: Answer['failure']) => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      const known = response?.headers ?? {};
      // What was cut off is no JSON, and finding that out may take long.
      const cut = text.length >= MAX_ANSWER_BYTES;
      if (isEventStream(known)) said.push(...answersOf(text.slice(whole)));
      else if (!cut) said.push(...messagesOfJson(text));
      resolve({
        status: response?.statusCode ?? 0,
        headers: flat(known),
        text,
        messages: said,
        // A stream that goes on after the answer, or never ends, has answered.
        failure: isEventStream(known) && said.length > 0 ? undefined : failure,
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
    outgoing.on('close', () => finish('closed'));
    outgoing.on('upgrade', (upgraded, socket) => {
      response = upgraded;
      socket.destroy();
      finish();
    });
    outgoing.once('response', (incoming) => {
      response = incoming;
      const events = isEventStream(incoming.headers);
      if (events && headOnly) return finish();
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length >= MAX_ANSWER_BYTES) return finish();
        // Only what is new since the last whole event is looked at, however small the pieces.
        if (!events || !chunk.includes('\n')) return undefined;
        const end = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\n\r\n')) + 1;
        if (end <= whole) return undefined;
        said.push(...answersOf(text.slice(whole, end)));
        whole = end;
        return said.length > 0 ? finish() : undefined;
      });
      incoming.once('end', () => finish());
      incoming.once('error', () => finish('closed'));
      return undefined;
    });
    outgoing.end(sent.length > 0 ? sent : undefined);
  });
}

function answersOf(text: string): RpcMessage[] {
  return messagesOfEvents(text).filter(isAnswer);
}

function isEventStream(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('text/event-stream') ?? false;
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}
