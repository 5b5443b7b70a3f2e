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

/** What the first contact told, which later checks build on. */
export interface ServerProfile {
  /** Revisions that `server/discover` named; absent when revision 2026-07-28 is not spoken, or not to us. */
  readonly modern: readonly string[] | undefined;
  /** Revision that `initialize` agreed on; absent when the handshake is not spoken, or not to us. */
  readonly legacy: string | undefined;
  readonly session: string | undefined;
  readonly tools: readonly ListedTool[];
  /** First answer to a request without a token. */
  readonly refusal: Answer;
  /** Whether requests without a token get no result. */
  readonly isProtected: boolean;
  /** Why requests that need a token cannot be made; absent when they can. */
  readonly noAccess: string | undefined;
}

export interface DiscoverOptions {
  /** Why there is no token to send. @default - there is one */
  readonly noToken: string | undefined;
}

/** @throws TargetError when nothing answers, or nothing that speaks MCP */
export async function discover(sender: Sender, { noToken }: DiscoverOptions): Promise<ServerProfile> {
  const ask = (message: Message, options: SendOptions = {}) =>
    sender.send({ ...options, body: JSON.stringify(message.body), headers: message.headers });

  const refusal = await ask(legacyMessage('tools/list'), { auth: 'none' });
  if (refusal.status === 0) {
    const why =
      refusal.failure === 'timeout'
        ? 'it takes connections but does not answer'
        : 'nothing listens there, or it hangs up';
    throw new TargetError('unreachable', `no HTTP answer: ${why}`);
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
  // It is sent back in a header field, which cannot carry everything.
  const legacy = typeof version === 'string' && /^[\x20-\x7e]{1,200}$/.test(version) ? version : undefined;
  const session = initialized.headers['mcp-session-id'];
  if (session !== undefined) {
    const note = legacyMessage(
      'notifications/initialized',
      {},
      { version: legacy ?? LEGACY_VERSION, session },
    );
    const { id: _none, ...body } = note.body;
    await ask({ ...note, body });
  }
  const spoken = Array.isArray(modern) ? modern.map(String) : undefined;
  if (spoken === undefined && legacy === undefined && ![...bare, initialized].some(speaksOfMcp)) {
    const { location } = refusal.headers;
    const to = location === undefined ? '' : ` and leads to ${createTextCleaner([]).clean(location, 200)}`;
    throw new TargetError(
      'unreachable',
      `no MCP server at this path: it answers HTTP ${refusal.status}${to}`,
    );
  }
  const list =
    spoken === undefined
      ? legacyMessage('tools/list', {}, { version: legacy ?? LEGACY_VERSION, session })
      : modernMessage('tools/list');
  const listed = await ask(list);
  const works = resultOf(listed) !== undefined || spoken !== undefined || legacy !== undefined;
  return {
    modern: spoken,
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

/** Refusals count: a server that wants a token says nothing else. */
function speaksOfMcp({ status, messages }: Answer): boolean {
  return status === 401 || status === 403 || messages.some(({ error }) => error?.code !== undefined);
}
