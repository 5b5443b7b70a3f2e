import { codeOf, isDenial, succeeded } from './answers.ts';
import { createTextCleaner } from './clean-text.ts';
import { type Definitions, union } from './definitions.ts';
import type { Era } from './era.ts';
import type { Answer } from './exchange.ts';
import { type Met, meetEra } from './meet-era.ts';
import { legacyMessage } from './messages.ts';
import type { Sender } from './sender.ts';
import { ENDPOINT_EVENT } from './sse-exchange.ts';
import { TargetError } from './target-error.ts';

/** Facts from the first requests, which the checks build on. */
export interface ServerProfile extends Definitions {
  /** The eras that the server speaks. If it denies every request, both. */
  readonly eras: readonly Era[];
  /** The definitions that each era lists, by the name of the era. */
  readonly byEra: ReadonlyMap<string, Definitions>;
  /** Revisions of 2026-07-28 or later. Absent if the server does not support them, or denied the request. */
  readonly modern: readonly string[] | undefined;
  /** Revision negotiated by `initialize`. Absent if the server does not support the handshake, or denied it. */
  readonly legacy: string | undefined;
  /** The text that the server sends to the model with its first response. */
  readonly instructions: readonly string[];
  /** Whether the server speaks the deprecated HTTP+SSE transport at this path. */
  readonly isSse: boolean;
  /** The response to the first request without a token. */
  readonly bare: Answer;
  /** Whether the server denies requests without a token in every era: it always needs a bearer token. */
  readonly isProtected: boolean;
  /** Why the doctor cannot make requests that need access. Absent if it can. */
  readonly noAccess: string | undefined;
}

export interface DiscoverOptions {
  /** Why the doctor sends no token. @default - it sends one */
  readonly noToken: string | undefined;
}

/** @throws TargetError if no MCP server answers */
export async function discover(sender: Sender, { noToken }: DiscoverOptions): Promise<ServerProfile> {
  // A list would be the first, which a server may answer in another way than later ones.
  const { body, headers } = legacyMessage('ping');
  const bare = await sender.send({ auth: 'none', headers, body: JSON.stringify(body) });
  if (bare.status === 0) {
    const why =
      bare.failure === 'timeout'
        ? 'the server accepts connections but does not answer'
        : 'nothing listens there, or the server closes the connection';
    throw new TargetError('unreachable', `no HTTP response: ${why}`);
  }
  let met = [await meetEra(sender, true), await meetEra(sender, false)];
  const isSse = met.every(({ support }) => support === 'no') && (await isOldTransport(sender));
  if (isSse) {
    sender.useSse();
    met = [met[0] as Met, await meetEra(sender, false)];
  }
  const supported = met.filter(({ support }) => support !== 'no');
  const answers = [bare, ...met.flatMap(({ era, hello }) => [era.bareHello, era.bare, hello])];
  if (supported.length === 0 && !answers.some(looksLikeMcp)) throw notMcp(bare);
  const [modern, legacy] = met as [Met, Met];
  const eras = supported.map(({ era }) => era);
  return {
    ...union(supported.map(({ definitions }) => definitions)),
    ...{ eras, bare, isSse },
    byEra: new Map(supported.map(({ era, definitions }) => [era.name, definitions])),
    modern: modern.support === 'yes' ? modern.revisions : undefined,
    legacy: legacy.support === 'yes' ? legacy.era.name : undefined,
    instructions: supported.flatMap(({ instructions }) => instructions ?? []),
    isProtected: eras.length > 0 && eras.every(({ access }) => access === 'denied'),
    noAccess: eras.some(({ isServed }) => isServed) ? undefined : reasonFor(legacy, noToken),
  };
}

function reasonFor({ hello, era }: Met, noToken: string | undefined): string {
  if (isDenial(hello) || era.access === 'denied')
    return noToken ?? `the token was refused (HTTP ${era.full.status})`;
  const told = codeOf(hello) === undefined ? '' : `, error ${codeOf(hello)}`;
  return `no request succeeded, with or without a token (initialize: HTTP ${hello.status}${told})`;
}

async function isOldTransport(sender: Sender): Promise<boolean> {
  const headers = { accept: 'text/event-stream' };
  const { text } = await sender.send({ method: 'GET', headers, until: ENDPOINT_EVENT });
  return ENDPOINT_EVENT.test(text);
}

/** A refusal counts, because a server may require a token for every request. So does one that answers only once. */
function looksLikeMcp(answer: Answer): boolean {
  return isDenial(answer) || codeOf(answer) !== undefined || succeeded(answer);
}

function notMcp({ status, headers: { location } }: Answer): TargetError {
  const to = location === undefined ? '' : ` and redirects to ${createTextCleaner([]).clean(location, 200)}`;
  return new TargetError('unreachable', `no MCP server at this path: the server answers HTTP ${status}${to}`);
}
