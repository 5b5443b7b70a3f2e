import type { Logger } from '../logging/logger.ts';
import type { ServedPrompt } from '../mcp/get-prompt.ts';
import type { ServedResource } from '../mcp/read-resource.ts';
import type { ServedTool } from '../mcp/served-tool.ts';
import type { Turns } from '../turns.ts';
import { createTimeBox } from './bounded-validator.ts';
import { createIsAsPinned } from './changes.ts';
import type { Connection } from './connection.ts';
import type { Lock } from './lock.ts';
import type { PinnedParts } from './parts.ts';
import { pinnedPrompt } from './pinned-prompts.ts';
import { pinnedResource } from './pinned-resources.ts';
import { pinnedTool } from './pinned-tools.ts';

export interface PinnedOptions {
  readonly connection: Connection;
  /** The content of `tools.lock.json`. */
  readonly lock: Lock;
  readonly turns: Turns;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The tools, resources and prompts of the MCP server behind this one, as the lock names them. */
export interface Pinned {
  readonly tools: readonly ServedTool[];
  readonly resources: readonly ServedResource[];
  readonly prompts: readonly ServedPrompt[];
  /**
   * Compares the server with the lock now, so that the log has a change before the first call.
   *
   * @returns whether the server's lists could be read; calls try again
   */
  compare(): Promise<boolean>;
}

/**
 * The tools, resources and prompts of the server behind this one. Clients see the definitions of the lock, never the
 * server's own; arguments are checked here; what has changed is refused with `tool_changed`, `resource_changed` or
 * `prompt_changed`.
 */
export function createPinnedOffers({ connection, lock, turns, logger, now }: PinnedOptions): Pinned {
  const timeBox = createTimeBox();
  const lists = (['tools', 'resources', 'prompts'] as const).filter((list) => lock[list].length > 0);
  const partsOf = (list: keyof Lock): PinnedParts => ({
    ...{ connection, turns, timeBox },
    isAsPinned: createIsAsPinned({ list, connection, locked: lock[list], logger, now }),
  });
  const [tools, resources, prompts] = [partsOf('tools'), partsOf('resources'), partsOf('prompts')];
  return {
    tools: lock.tools.map((locked) => pinnedTool(locked, tools)),
    resources: lock.resources.map((locked) => pinnedResource(locked, resources)),
    prompts: lock.prompts.map((locked) => pinnedPrompt(locked, prompts)),
    async compare() {
      const parts = { tools, resources, prompts };
      const read = await Promise.allSettled(lists.map((list) => parts[list].isAsPinned('')));
      return read.every(({ status }) => status === 'fulfilled');
    },
  };
}
