import { isDenial } from './answers.ts';
import type { CleanText } from './clean-text.ts';
import {
  type Definitions,
  definitionsOf,
  LISTS,
  type Listing,
  type ListMethod,
  listAll,
} from './definitions.ts';
import type { ServerProfile } from './discover.ts';
import type { Era } from './era.ts';
import { type Answer, isEventStream } from './exchange.ts';
import type { Issuer } from './issuer.ts';
import type { Message } from './messages.ts';
import type { Pin } from './pin.ts';
import { offeredRequestsOf, type Request } from './requests.ts';
import type { Sender, SendOptions } from './sender.ts';
import type { Target } from './target.ts';
import type { ToolCalls } from './tool-calls.ts';

export interface ProbeOptions {
  /** Milliseconds within which the server must close an unfinished request. */
  readonly patienceMs: number;
  /** Requests that each rate limit check may send. @default - these checks are not run */
  readonly rateTest: number | undefined;
  /** Plain HTTP port of the host. @default 80 if the URL uses port 443, otherwise none */
  readonly httpPort: number | undefined;
  /** An expired token. */
  readonly expiredToken: string | undefined;
  /** The token of another client. */
  readonly secondToken: string | undefined;
  /** Milliseconds after which a session that is not used must have ended. @default - not checked */
  readonly sessionIdleMs: number | undefined;
  /** Whether to send hostile texts in the arguments of tools. */
  readonly inject: boolean;
  /** Where this machine's canary is reached from the server. @default - only on this machine */
  readonly canary: URL | undefined;
  /** Definitions of an earlier run. @default - not compared */
  readonly pin: Pin | undefined;
  /** The token, for checks that send it in a forbidden place. Absent if it may not be sent. */
  readonly token: string | undefined;
}

/** How the server stopped answering, for good or for a moment. */
export interface Gone {
  /** The check that was running, and those that waited meanwhile. */
  readonly during: string;
  readonly evidence: string;
  /** Whether it closes connections or answers with an error. Silence may also come from a firewall. */
  readonly closed: boolean;
}

/** The interface that checks use to talk to the server. */
export interface Probe extends Omit<Sender, 'plain'> {
  readonly target: Target;
  readonly known: ServerProfile;
  readonly options: ProbeOptions;
  readonly clean: CleanText;
  readonly toolCalls: ToolCalls;
  /** The authorization server that the user named. @default - it gets no request */
  readonly issuer: Issuer | undefined;
  /** How the server stopped answering. Absent while it answers. */
  gone(): Gone | undefined;
  /** The times when it did not answer for a moment, for example because a supervisor restarted it. */
  stumbles(): readonly Gone[];
  plain(port: number): Sender;
  /** Sends a message. `options.headers` override its headers. */
  post(message: Message, options?: SendOptions): Promise<Answer>;
  ask(
    era: Era,
    method: string,
    params?: Readonly<Record<string, unknown>>,
    options?: SendOptions,
  ): Promise<Answer>;
  /** Sends the request that the server answers without alterations. */
  askBase(era: Era, options?: SendOptions): Promise<Answer>;
  /**
   * The request that needs a token in this era: the unaltered one, or if that is open the first that is denied without a
   * token. Undefined if none is.
   */
  guardedOf(era: Era): Promise<Request | undefined>;
  /** Lists the definitions of each era again, once in a run. The map has the names of the eras. */
  relist(): Promise<ReadonlyMap<string, Definitions>>;
  /** Summarizes a response in a few words. */
  describe(answer: Answer): string;
}

export type ProbeParts = Pick<
  Probe,
  'target' | 'known' | 'options' | 'clean' | 'toolCalls' | 'issuer' | 'gone' | 'stumbles'
> & {
  readonly sender: Sender;
};

export function createProbe({ sender, ...parts }: ProbeParts): Probe {
  const { clean, known } = parts;
  const guarded = new Map<Era, Promise<Request | undefined>>();
  let later: Promise<ReadonlyMap<string, Definitions>> | undefined;
  const post: Probe['post'] = ({ body, headers }, more = {}) =>
    sender.send({ body: JSON.stringify(body), ...more, headers: { ...headers, ...more.headers } });
  return {
    ...sender,
    ...parts,
    post,
    async guardedOf(era) {
      const found = guarded.get(era) ?? findGuarded(era, parts, sender, post);
      guarded.set(era, found);
      return await found;
    },
    relist() {
      later ??= relistAll(known.eras, (era, method, params) => post(era.message(method, params)));
      return later;
    },
    ask: (era, method, params, more) => post(era.message(method, params), more),
    askBase: (era, more) => post(baseOf(era), more),
    describe({ status, text, failure, headers }) {
      if (status === 0) return failure === 'timeout' ? 'no response in time' : 'connection closed';
      const location = headers['location'];
      // Of an event stream, the data of the first event says what the server answered.
      const body = isEventStream(headers) ? text.replace(/^(?:[^d\n].*\n|\n)*data: ?/, '') : text;
      const said = location === undefined ? body : `Location: ${location}`;
      return `HTTP ${status}${failure === undefined ? '' : ` (${failure})`} ${clean(said, 160)}`.trim();
    },
  };
}

/** The unaltered request of an era. */
export function baseOf(era: Era): Message {
  return era.base === era.hello ? era.helloMessage() : era.message(era.base);
}

async function relistAll(eras: readonly Era[], ask: Probe['ask']): Promise<ReadonlyMap<string, Definitions>> {
  const all = new Map<string, Definitions>();
  for (const era of eras.filter(({ isServed }) => isServed)) {
    const lists = new Map<ListMethod, Listing>();
    for (const method of Object.keys(LISTS) as ListMethod[]) {
      lists.set(method, await listAll(method, (params) => ask(era, method, params)));
    }
    all.set(era.name, definitionsOf(lists));
  }
  return all;
}

async function findGuarded(
  era: Era,
  parts: Omit<ProbeParts, 'sender'>,
  { credentials }: Sender,
  post: Probe['post'],
): Promise<Request | undefined> {
  // Where the token is given and only with it a request succeeds, any other refusal than a denial counts too.
  const needsToken = era.access === 'unclear' && era.isServed && Object.keys(credentials).length > 0;
  if (era.access === 'denied' || needsToken) return { method: era.base, params: {} };
  if (era.access === 'unclear') return undefined;
  for (const request of offeredRequestsOf(parts, era)) {
    const message = era.message(request.method, request.params);
    const headers = { 'mcp-session-id': era.bareSession };
    if (isDenial(await post(message, { auth: 'none', headers, echoes: true }))) return request;
  }
  return undefined;
}
