import { codeOf, type Reaction, reactionOf, resultOf } from './answers.ts';
import {
  type Definitions,
  definitionsOf,
  LISTS,
  type Listing,
  type ListMethod,
  listAll,
} from './definitions.ts';
import type { Era } from './era.ts';
import type { Answer } from './exchange.ts';
import {
  initializeMessage,
  LEGACY_VERSION,
  legacyMessage,
  type Message,
  MODERN_VERSION,
  modernMessage,
  OLDER_VERSIONS,
} from './messages.ts';
import type { Sender, SendOptions } from './sender.ts';

/** An era of a server, as far as the first requests show it. */
export interface Met {
  readonly era: Era;
  /** Whether the server speaks it. `unknown` if it denies every request. */
  readonly support: 'yes' | 'no' | 'unknown';
  readonly definitions: Definitions;
  /** The text that the server sends to the model with its first response. */
  readonly instructions: string | undefined;
  /** Revisions that the server names. */
  readonly revisions: readonly string[];
  /** The response to the first request with the doctor's access. */
  readonly hello: Answer;
}

/** Says hello in one era, with and without the token, and reads the lists. */
export async function meetEra(sender: Sender, isModern: boolean): Promise<Met> {
  const ask = ({ body, headers }: Message, options: SendOptions = {}) =>
    sender.send({ ...options, body: JSON.stringify(body), headers: { ...headers, ...options.headers } });
  let offered = LEGACY_VERSION;
  const helloMessage = () => (isModern ? modernMessage('server/discover') : initializeMessage(offered));
  let name: string = isModern ? MODERN_VERSION : LEGACY_VERSION;
  let session: string | undefined;
  const message: Era['message'] = (method, params) =>
    isModern ? modernMessage(method, params) : legacyMessage(method, params, { version: name, session });
  const enter = async (options: SendOptions) => {
    const answer = isModern
      ? await ask(helloMessage(), options)
      : await offer(offered, (version) => {
          offered = version;
          return ask(helloMessage(), options);
        });
    if (isModern || resultOf(answer) === undefined) return answer;
    session = answer.headers['mcp-session-id'];
    name = revisionOf(answer) ?? name;
    const { body, headers } = message('notifications/initialized');
    const { id: _none, ...notification } = body;
    await ask({ headers, body: notification }, options);
    return answer;
  };

  const bareHello = await enter({ auth: 'none' });
  const bareSession = session;
  const hello = Object.keys(sender.credentials).length === 0 ? bareHello : await enter({});
  const support = supportOf(isModern, hello, bareHello);
  const lists = await readLists(support, (method, params) => ask(message(method, params)));
  const { base, answer: full = hello } = await findBase(lists, isModern, hello, () => ask(message('ping')));
  const bare = support === 'no' ? bareHello : await askBare();

  /** Without a token. A session of the token shows whether only the token is missing. */
  async function askBare(): Promise<Answer> {
    const plain = base === 'initialize' ? helloMessage() : message(base);
    const none: SendOptions = { auth: 'none' };
    const first = await ask(plain, { ...none, headers: { 'mcp-session-id': bareSession } });
    if (reactionOf(first) !== 'unclear' || session === bareSession) return first;
    const second = await ask(plain, none);
    return reactionOf(second) === 'denied' ? second : first;
  }

  const result = resultOf(hello) ?? resultOf(bareHello) ?? {};
  const { instructions, capabilities } = result;
  return {
    support,
    hello,
    definitions: definitionsOf(lists),
    instructions: typeof instructions === 'string' ? instructions : undefined,
    revisions: isModern ? listOfText(result['supportedVersions']) : [name],
    era: {
      isModern,
      ...{ hello: isModern ? 'server/discover' : 'initialize', base, bare, full, bareHello, bareSession },
      isServed: resultOf(full) !== undefined,
      access: accessOf(bare, bareHello),
      capabilities: (typeof capabilities === 'object' && capabilities !== null
        ? capabilities
        : {}) as Era['capabilities'],
      ...{ message, helloMessage },
      get name() {
        return name;
      },
      get session() {
        return session;
      },
      async renew() {
        if (session !== undefined) await enter({});
      },
    },
  };
}

/** Only the most usual list of a server that denies its first request. */
async function readLists(
  support: Met['support'],
  ask: (method: ListMethod, params: Readonly<Record<string, unknown>>) => Promise<Answer>,
): Promise<ReadonlyMap<ListMethod, Listing>> {
  const all = Object.keys(LISTS) as ListMethod[];
  const methods: readonly ListMethod[] = { yes: all, unknown: ['tools/list' as const], no: [] }[support];
  const lists = new Map<ListMethod, Listing>();
  for (const method of methods) lists.set(method, await listAll(method, (params) => ask(method, params)));
  return lists;
}

/** Offers older versions to a server that refuses the newest. */
async function offer(version: string, say: (version: string) => Promise<Answer>): Promise<Answer> {
  let answer = await say(version);
  for (const older of version === LEGACY_VERSION ? OLDER_VERSIONS : []) {
    if (codeOf(answer) === undefined || !/version/i.test(answer.text)) break;
    answer = await say(older);
  }
  return answer;
}

/** The request that later checks alter. A server without lists answers a ping or only the first request. */
async function findBase(
  lists: ReadonlyMap<ListMethod, Listing>,
  isModern: boolean,
  hello: Answer,
  ping: () => Promise<Answer>,
): Promise<{ base: string; answer: Answer | undefined }> {
  for (const [base, { answer }] of lists) if (resultOf(answer) !== undefined) return { base, answer };
  const usual = { base: 'tools/list', answer: lists.get('tools/list')?.answer };
  if (resultOf(hello) === undefined) return usual;
  if (isModern) return { base: 'server/discover', answer: hello };
  const pong = await ping();
  if (resultOf(pong) !== undefined) return { base: 'ping', answer: pong };
  // A server that denies its lists has more to protect than the first request.
  return reactionOf(usual.answer ?? hello) === 'denied' ? usual : { base: 'initialize', answer: hello };
}

/** A request that nothing decides is denied if no client can open a session without a token. */
function accessOf(bare: Answer, bareHello: Answer): Reaction {
  const reaction = reactionOf(bare);
  return reaction === 'unclear' && reactionOf(bareHello) === 'denied' ? 'denied' : reaction;
}

function supportOf(isModern: boolean, hello: Answer, bareHello: Answer): Met['support'] {
  for (const answer of [hello, bareHello]) {
    const versions = resultOf(answer)?.['supportedVersions'];
    if (isModern ? Array.isArray(versions) : revisionOf(answer) !== undefined) return 'yes';
  }
  // An error of a proxy in place of an answer to the token tells nothing about the server behind it.
  const isAnswered = hello.status < 300 || (hello.status >= 400 && hello.status < 500);
  const denied = reactionOf(hello) === 'denied' || (!isAnswered && reactionOf(bareHello) === 'denied');
  return denied ? 'unknown' : 'no';
}

/** Later requests carry the revision in a header field, so it must fit into one. */
function revisionOf(answer: Answer): string | undefined {
  const version = resultOf(answer)?.['protocolVersion'];
  return typeof version === 'string' && /^[\x20-\x7e]{1,200}$/.test(version) ? version : undefined;
}

const listOfText = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
