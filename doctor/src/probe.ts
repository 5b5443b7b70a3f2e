import type { CleanText } from './clean-text.ts';
import type { ServerProfile } from './discover.ts';
import { resultOf } from './discover.ts';
import type { Answer } from './exchange.ts';
import { LEGACY_VERSION, legacyMessage, type Message, modernMessage } from './messages.ts';
import type { Sender, SendOptions } from './sender.ts';
import type { Target } from './target.ts';
import type { ToolCalls } from './tool-calls.ts';
import { Inconclusive, inconclusive, notApplicable } from './verdict.ts';

export interface ProbeOptions {
  /** Milliseconds that a request may stay unfinished before the server is expected to give it up. */
  readonly patienceMs: number;
  /** Requests that each test of a rate limit may send. @default - those tests are not run */
  readonly rateTest: number | undefined;
  /** Port of the host that speaks plain HTTP. @default 80 where the URL has the default port, else none */
  readonly httpPort: number | undefined;
  /** A token that was good once. */
  readonly expiredToken: string | undefined;
  /** The token itself, for checks that put it where it must not be read; absent when it may not be sent. */
  readonly token: string | undefined;
}

/** What a check works with. */
export interface Probe extends Omit<Sender, 'plain'> {
  readonly target: Target;
  readonly known: ServerProfile;
  readonly options: ProbeOptions;
  readonly clean: CleanText;
  readonly toolCalls: ToolCalls;
  plain(port: number): Sender;
  /** A request of the newest era that the server speaks. */
  message(method: string, params?: Readonly<Record<string, unknown>>): Message;
  /** Sends a message, its headers merged with those given. */
  post(message: Message, options?: SendOptions): Promise<Answer>;
  ask(method: string, params?: Readonly<Record<string, unknown>>, options?: SendOptions): Promise<Answer>;
  /** What an answer was, in few words. */
  describe(answer: Answer): string;
}

export interface ProbeParts {
  readonly sender: Sender;
  readonly target: Target;
  readonly known: ServerProfile;
  readonly options: ProbeOptions;
  readonly clean: CleanText;
  readonly toolCalls: ToolCalls;
}

export function createProbe({ sender, target, known, options, clean, toolCalls }: ProbeParts): Probe {
  const { modern, legacy, session } = known;
  const message: Probe['message'] = (method, params) =>
    modern === undefined
      ? legacyMessage(method, params, { version: legacy ?? LEGACY_VERSION, session })
      : modernMessage(method, params);
  const post: Probe['post'] = ({ body, headers }, more = {}) =>
    sender.send({ body: JSON.stringify(body), ...more, headers: { ...headers, ...more.headers } });
  return {
    ...sender,
    target,
    known,
    options,
    clean,
    toolCalls,
    message,
    post,
    ask: (method, params, more) => post(message(method, params), more),
    describe({ status, text, failure, headers }) {
      if (status === 0) return failure === 'timeout' ? 'no answer in time' : 'the connection was closed';
      const location = headers['location'];
      const said = location === undefined ? text : `Location: ${location}`;
      return `HTTP ${status}${failure === undefined ? '' : ` (${failure})`} ${clean(said, 160)}`.trim();
    },
  };
}

/** @throws Inconclusive unless requests that need a token can be made */
export function needAccess({ known }: Probe): void {
  if (known.noAccess !== undefined) throw new Inconclusive(inconclusive(known.noAccess));
}

/** @throws Inconclusive where everybody is let in anyway, which is a finding of its own */
export function needProtection({ known }: Probe): void {
  if (!known.isProtected) throw new Inconclusive(notApplicable('the server lets everybody in'));
}

export function needModern({ known }: Probe): void {
  if (known.modern === undefined) {
    throw new Inconclusive(notApplicable('the server does not speak revision 2026-07-28'));
  }
}

export function needTls({ target }: Probe): void {
  if (!target.secure) throw new Inconclusive(notApplicable('plain HTTP: no TLS to examine'));
}

/** Whether a request was carried out. */
export const succeeded = (answer: Answer): boolean => resultOf(answer) !== undefined;

/** Whether it was refused in an orderly way: by status, or by a JSON-RPC error. */
export function refused({ status, messages }: Answer): boolean {
  return (
    (status >= 400 && status < 500) || status === 501 || (status < 300 && messages.some(({ error }) => error))
  );
}
