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
  /** Milliseconds within which the server must close an unfinished request. */
  readonly patienceMs: number;
  /** Requests that each rate limit check may send. @default - these checks are not run */
  readonly rateTest: number | undefined;
  /** Plain HTTP port of the host. @default 80 if the URL uses port 443, otherwise none */
  readonly httpPort: number | undefined;
  /** An expired token. */
  readonly expiredToken: string | undefined;
  /** The token, for checks that send it in a forbidden place. Absent if it may not be sent. */
  readonly token: string | undefined;
}

/** The interface that checks use to talk to the server. */
export interface Probe extends Omit<Sender, 'plain'> {
  readonly target: Target;
  readonly known: ServerProfile;
  readonly options: ProbeOptions;
  readonly clean: CleanText;
  readonly toolCalls: ToolCalls;
  plain(port: number): Sender;
  /** Creates a request of the newest revision that the server supports. */
  message(method: string, params?: Readonly<Record<string, unknown>>): Message;
  /** Sends a message. `options.headers` override its headers. */
  post(message: Message, options?: SendOptions): Promise<Answer>;
  ask(method: string, params?: Readonly<Record<string, unknown>>, options?: SendOptions): Promise<Answer>;
  /** Summarizes a response in a few words. */
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
      if (status === 0) return failure === 'timeout' ? 'no response in time' : 'connection closed';
      const location = headers['location'];
      const said = location === undefined ? text : `Location: ${location}`;
      return `HTTP ${status}${failure === undefined ? '' : ` (${failure})`} ${clean(said, 160)}`.trim();
    },
  };
}

/** @throws Inconclusive if the doctor has no access */
export function needAccess({ known }: Probe): void {
  if (known.noAccess !== undefined) throw new Inconclusive(inconclusive(known.noAccess));
}

/** @throws Inconclusive if the server requires no token, which authentication/missing-token reports */
export function needProtection({ known }: Probe): void {
  if (!known.isProtected) throw new Inconclusive(notApplicable('the server does not require a token'));
}

export function needModern({ known }: Probe): void {
  if (known.modern === undefined) {
    throw new Inconclusive(notApplicable('the server does not support revision 2026-07-28'));
  }
}

export function needTls({ target }: Probe): void {
  if (!target.secure) throw new Inconclusive(notApplicable('the URL is plain HTTP'));
}

/** Whether the server ran the request. */
export const succeeded = (answer: Answer): boolean => resultOf(answer) !== undefined;

/** Whether the server refused the request properly: with an HTTP status or a JSON-RPC error. */
export function refused({ status, messages }: Answer): boolean {
  return (
    (status >= 400 && status < 500) || status === 501 || (status < 300 && messages.some(({ error }) => error))
  );
}
