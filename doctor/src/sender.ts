import { setTimeout as sleep } from 'node:timers/promises';
import { resultOf } from './answers.ts';
import type { Budget } from './budget.ts';
import type { TextCleaner } from './clean-text.ts';
import type { Connection } from './connection.ts';
import type { Sent } from './curl.ts';
import { type Answer, exchange, type WireRequest } from './exchange.ts';
import { type Handshake, type HandshakeOffer, handshake } from './handshake.ts';
import { type RawAnswer, rawExchange } from './raw-exchange.ts';
import { sseExchange } from './sse-exchange.ts';
import type { ToolCalls } from './tool-calls.ts';
import { Inconclusive, inconclusive } from './verdict.ts';

export interface SendOptions extends Partial<WireRequest> {
  /** `token` sends the token if it may be sent. @default 'token' */
  readonly auth?: 'token' | 'none' | undefined;
  /** Whether to return a 429 instead of waiting and retrying. @default false */
  readonly acceptsLimit?: boolean;
  /** Whether the response may legitimately repeat the request. @default false */
  readonly echoes?: boolean;
}

/** A response as stored for the checks that read all responses. */
export interface Seen {
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly echoes: boolean;
  /** A definition or another result, the output of a tool, or an error, also of a tool. */
  readonly about: 'result' | 'output' | 'error';
}

export interface Sender {
  /** Every header field that gives access. Empty if there is none or it may not be sent. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Every response so far, each truncated. */
  readonly seen: readonly Seen[];
  /** Every request so far and its response, so that a failure can be repeated. */
  readonly sent: readonly Sent[];
  /** Responses that contained the token. */
  readonly tokenEchoes: readonly string[];
  /** Requests and handshakes so far. */
  spent(): number;
  /** Sends messages over the deprecated HTTP+SSE transport from now on. */
  useSse(): void;
  /** Ends the sessions that the server opened, also after the run was interrupted. */
  endSessions(): Promise<void>;
  send(options?: SendOptions): Promise<Answer>;
  /** Sends raw bytes. @param timeoutMs @default - the timeout of requests */
  raw(bytes: string, timeoutMs?: number): Promise<RawAnswer>;
  handshake(offer?: HandshakeOffer): Promise<Handshake>;
  /** A sender for another port of the same host, without TLS and without the token. */
  plain(port: number): Sender;
}

export interface SenderOptions {
  readonly connection: Connection;
  readonly path: string;
  /** Value of the Host header. */
  readonly hostField: string;
  readonly token: string | undefined;
  /** Further header fields that give access. @default - none */
  readonly keys?: Readonly<Record<string, string>> | undefined;
  readonly budget: Budget;
  readonly cleaner: TextCleaner;
  readonly toolCalls: ToolCalls;
  /** Milliseconds for one request and its response. */
  readonly timeoutMs: number;
  /** Ends the run: nothing is sent afterwards, except to end the sessions. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes stored of each body for the checks that read all responses. */
const MAX_SEEN = 16 * 1024;
/** Longest Retry-After that the doctor waits for. */
const MAX_WAIT_SECONDS = 61;
const TRIES = 3;
/** A run opens fewer. A server may name any number. */
const MAX_SESSIONS = 100;
const END_SESSION_MS = 2000;

/** Sends requests within the budget, calls only permitted tools, and removes the token from every response. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the ways to send share one budget and one permission
export function createSender(options: SenderOptions): Sender {
  const { connection, budget, cleaner, timeoutMs, token, toolCalls, signal } = options;
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const credentials = { ...options.keys, ...(authorization === undefined ? {} : { authorization }) };
  const seen: Seen[] = [];
  const tokenEchoes: string[] = [];
  const log: Sent[] = [];
  const sessions = new Set<string>();
  const pending = new Set<Promise<Answer>>();
  let overSse = false;
  const within = (milliseconds: number) => Math.max(1, Math.min(milliseconds, budget.remaining()));

  const spend = () => {
    if (signal?.aborted) throw new Inconclusive(inconclusive('the run was interrupted'));
    budget.spend();
  };

  async function once({ auth = 'token', echoes = false, ...request }: SendOptions): Promise<Answer> {
    toolCalls.admit(request.body ?? '');
    spend();
    const wire: WireRequest = {
      method: 'POST',
      path: options.path,
      ...request,
      headers: {
        host: options.hostField,
        accept: 'application/json, text/event-stream',
        'content-type': request.body === undefined ? undefined : 'application/json',
        ...(auth === 'token' ? credentials : {}),
        'user-agent': 'hardened-mcp-doctor',
        ...request.headers,
      },
    };
    const isMessage = wire.method === 'POST' && wire.path === options.path;
    const send = overSse && isMessage ? sseExchange : exchange;
    const sent = send(connection, wire, within(timeoutMs)).then((answer) => {
      const session = answer.headers['mcp-session-id'];
      if (session !== undefined && sessions.size < MAX_SESSIONS) sessions.add(session);
      return answer;
    });
    pending.add(sent);
    const answer = await sent.finally(() => pending.delete(sent));
    const text = cleaner.redact(answer.text);
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, cleaner.redact(value)]),
    );
    const path = cleaner.clean(wire.path.split('?', 1)[0] ?? '', 100);
    const echoed = text !== answer.text || Object.entries(headers).some(([n, v]) => v !== answer.headers[n]);
    if (echoed) tokenEchoes.push(`${wire.method} ${path}: HTTP ${answer.status}`);
    seen.push({
      path,
      status: answer.status,
      headers,
      text: text.slice(0, MAX_SEEN),
      echoes,
      about: aboutOf(answer),
    });
    log.push({ request: wire, answer: { ...answer, text: text.slice(0, MAX_SEEN), headers } });
    return { ...answer, text, headers };
  }

  return {
    credentials,
    seen,
    sent: log,
    tokenEchoes,
    spent: () => budget.spent,
    useSse() {
      overSse = true;
    },
    async endSessions() {
      // A response that is still on its way may open a session.
      await Promise.race([Promise.allSettled(pending), sleep(END_SESSION_MS, undefined, { ref: false })]);
      const ends = [...sessions].map((session) => {
        const headers = { host: options.hostField, ...credentials, 'mcp-session-id': session };
        return exchange(connection, { method: 'DELETE', path: options.path, headers }, END_SESSION_MS);
      });
      sessions.clear();
      await Promise.all(ends);
    },
    async send({ acceptsLimit = false, ...request } = {}) {
      for (let tries = 1; ; tries++) {
        const answer = await once(request);
        if (!isLimited(answer) || acceptsLimit) return answer;
        const seconds = secondsUntil(answer.headers['retry-after'] ?? '10');
        const long = !(seconds <= MAX_WAIT_SECONDS) || seconds * 1000 > budget.remaining();
        if (long || tries === TRIES) {
          throw new Inconclusive(
            inconclusive(`the server limited this client (${answer.status}); run the doctor again later`),
          );
        }
        await sleep(seconds * 1000 + 50);
      }
    },
    async raw(bytes, milliseconds = timeoutMs) {
      toolCalls.admit(bytes);
      spend();
      return await rawExchange(connection, bytes, within(milliseconds));
    },
    async handshake(offer = {}) {
      spend();
      return await handshake(connection, offer, within(timeoutMs));
    },
    plain: (port) =>
      createSender({
        ...options,
        token: undefined,
        keys: undefined,
        connection: { ...connection, port, secure: false },
        hostField: options.hostField.replace(/:\d+$/, port === 80 ? '' : `:${port}`),
      }),
  };
}

/** Some servers and proxies limit clients with 503, and say when to come back. A server that is down does not. */
const isLimited = ({ status, headers }: Answer): boolean =>
  status === 429 || (status === 503 && 'retry-after' in headers);

/** RFC 9110 §10.2.3: a number of seconds, or a date. */
function secondsUntil(retryAfter: string): number {
  const seconds = Number(retryAfter);
  return Number.isNaN(seconds) ? Math.max(0, (Date.parse(retryAfter) - Date.now()) / 1000) : seconds;
}

function aboutOf(answer: Answer): Seen['about'] {
  const result = resultOf(answer);
  if (result === undefined || result['isError'] === true) return 'error';
  return Array.isArray(result['content']) ? 'output' : 'result';
}
