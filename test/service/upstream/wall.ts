import type { Logger } from '../../../service/logging/logger.ts';
import type { ServedTool } from '../../../service/mcp/served-tool.ts';
import { createTurns } from '../../../service/turns.ts';
import { createConnection } from '../../../service/upstream/connection.ts';
import { definitionOf, type LockedTool, pin } from '../../../service/upstream/lock.ts';
import { createPinnedTools } from '../../../service/upstream/pinned-tools.ts';
import { type Behind, ECHO } from './servers.ts';

export interface WallOptions {
  readonly session?: 'per-request' | 'shared';
  /** @default - the echo tool */
  readonly locked?: readonly LockedTool[];
  readonly maxBytes?: number;
  readonly now?: () => number;
  /** @default - none */
  readonly logger?: Logger;
}

/** A tool as `tools:pin` pins it, with a scope of the test clients. */
export function pinned(definition: object = ECHO, rules: object = {}): LockedTool {
  return { ...pin(definitionOf(definition)), scopes: ['echo'], deadlineMs: 2000, ...rules };
}

/** The pinned tools of a server, for the pipeline. */
export function pinnedToolsOf({ url }: Behind, options: WallOptions = {}): readonly ServedTool[] {
  const { session = 'per-request', maxBytes = 256 * 1024 } = options;
  const ignore = () => {};
  return createPinnedTools({
    connection: createConnection({ url, session, maxBytes, version: '0.0.0' }),
    locked: options.locked ?? [pinned()],
    turns: createTurns(),
    logger: options.logger ?? { info: ignore, warn: ignore, error: ignore },
    now: options.now ?? (() => performance.now()),
  });
}
