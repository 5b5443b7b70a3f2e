import type { CallContext } from '../tools/tool.ts';
import type { Turns } from '../turns.ts';
import type { TimeBox } from './bounded-validator.ts';
import type { IsAsPinned } from './changes.ts';
import type { Connection } from './connection.ts';

/** The parts that a pinned tool, resource or prompt needs for its calls. */
export interface PinnedParts {
  readonly connection: Connection;
  readonly isAsPinned: IsAsPinned;
  readonly turns: Turns;
  readonly timeBox: TimeBox;
}

/** Member of a request's `_meta` that names the client to the server behind this one. */
export const CLIENT_META_KEY = 'hardened-mcp/clientId';
/** Member that names the person for whom the client calls, if the token names one. */
export const USER_META_KEY = 'hardened-mcp/userId';

/** The `_meta` of a request to the server: who calls, and the trace. */
export function callerMeta({ client, user, trace }: CallContext): Record<string, string> {
  return {
    [CLIENT_META_KEY]: client.id,
    ...(user && { [USER_META_KEY]: user.subject }),
    traceparent: trace.traceparent,
  };
}
