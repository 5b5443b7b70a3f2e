import { createTextCleaner } from './clean-text.ts';
import type { Answer } from './exchange.ts';
import {
  initializeMessage,
  LEGACY_VERSION,
  legacyMessage,
  type Message,
  modernMessage,
  type RpcMessage,
} from './messages.ts';
import type { Sender, SendOptions } from './sender.ts';
import { TargetError } from './target-error.ts';
import { type ListedTool, toolsOf } from './tool-arguments.ts';

/** Facts from the first requests, which the checks build on. */
export interface ServerProfile {
  /** Revisions listed by `server/discover`. Absent if the server does not support 2026-07-28, or refused the request. */
  readonly modern: readonly string[] | undefined;
  /** Revision negotiated by `initialize`. Absent if the server does not support the handshake, or refused the request. */
  readonly legacy: string | undefined;
  readonly session: string | undefined;
  readonly tools: readonly ListedTool[];
  /** The first response to a request without a token. */
  readonly refusal: Answer;
  /** Whether the server refuses requests without a token. */
  readonly isProtected: boolean;
  /** Why the doctor cannot make requests that need a token. Absent if it can. */
  readonly noAccess: string | undefined;
}

export interface DiscoverOptions {
  /** Why the doctor sends no token. @default - it sends one */
  readonly noToken: string | undefined;
}

/** @throws TargetError if no MCP server answers */
export async function discover(sender: Sender, { noToken }: DiscoverOptions): Promise<ServerProfile> {
  const ask = (message: Message, options: SendOptions = {}) =>
    sender.send({ ...options, body: JSON.stringify(message.body), headers: message.headers });

  const refusal = await ask(legacyMessage('tools/list'), { auth: 'none' });
  if (refusal.status === 0) {
    const why =
      refusal.failure === 'timeout'
        ? 'the server accepts connections but does not answer'
        : 'nothing listens there, or the server closes the connection';
    throw new TargetError('unreachable', `no HTTP response: ${why}`);
  }
  const bare = [
    refusal,
    await ask(modernMessage('server/discover'), { auth: 'none' }),
    await ask(initializeMessage(), { auth: 'none' }),
  ];
  const isProtected = bare.every((answer) => resultOf(answer) === undefined);
  const discovered = await ask(modernMessage('server/discover'));
  const initialized = await ask(initializeMessage());
  const modern = resultOf(discovered)?.['supportedVersions'];
  const version = resultOf(initialized)?.['protocolVersion'];
  // Later requests carry it in a header field, so it must fit into one.
  const legacy = typeof version === 'string' && /^[\x20-\x7e]{1,200}$/.test(version) ? version : undefined;
  const session = initialized.headers['mcp-session-id'];
  if (session !== undefined) {
    const notification = legacyMessage(
      'notifications/initialized',
      {},
      { version: legacy ?? LEGACY_VERSION, session },
    );
    const { id: _none, ...body } = notification.body;
    await ask({ ...notification, body });
  }
  const revisions = Array.isArray(modern) ? modern.map(String) : undefined;
  if (revisions === undefined && legacy === undefined && ![...bare, initialized].some(looksLikeMcp)) {
    const { location } = refusal.headers;
    const to =
      location === undefined ? '' : ` and redirects to ${createTextCleaner([]).clean(location, 200)}`;
    throw new TargetError(
      'unreachable',
      `no MCP server at this path: the server answers HTTP ${refusal.status}${to}`,
    );
  }
  const list =
    revisions === undefined
      ? legacyMessage('tools/list', {}, { version: legacy ?? LEGACY_VERSION, session })
      : modernMessage('tools/list');
  const listed = await ask(list);
  const works = resultOf(listed) !== undefined || revisions !== undefined || legacy !== undefined;
  return {
    modern: revisions,
    legacy,
    session,
    tools: toolsOf(resultOf(listed)),
    refusal,
    isProtected,
    noAccess: works ? undefined : (noToken ?? `the token was refused (HTTP ${initialized.status})`),
  };
}

export function resultOf({ messages }: Answer): RpcMessage['result'] {
  return messages.find(({ result }) => typeof result === 'object' && result !== null)?.result;
}

/** A refusal counts, because a server may require a token for every request. */
function looksLikeMcp({ status, messages }: Answer): boolean {
  return status === 401 || status === 403 || messages.some(({ error }) => error?.code !== undefined);
}
