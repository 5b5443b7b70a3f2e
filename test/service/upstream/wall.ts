import type { Logger } from '../../../service/logging/logger.ts';

import { createTurns } from '../../../service/turns.ts';

import { createConnection } from '../../../service/upstream/connection.ts';
import {
  parseDefinition,
  promptDefinition,
  resourceDefinition,
  toolDefinition,
} from '../../../service/upstream/definitions.ts';
import {
  type LockedPrompt,
  type LockedResource,
  type LockedTool,
  pin,
} from '../../../service/upstream/lock.ts';
import { createPinnedOffers, type Pinned } from '../../../service/upstream/pinned.ts';
import { type Behind, ECHO } from './servers.ts';

export interface WallOptions {
  readonly session?: 'per-request' | 'shared';
  /** @default - the echo tool */
  readonly locked?: readonly LockedTool[];
  /** @default - none */
  readonly resources?: readonly LockedResource[];
  /** @default - none */
  readonly prompts?: readonly LockedPrompt[];
  readonly maxBytes?: number;
  readonly now?: () => number;
  /** @default - none */
  readonly logger?: Logger;
}

/** Rules with a scope of the test clients. */
const RULES = { scopes: ['echo'], deadlineMs: 2000 };

/** A tool as `tools:pin` pins it. */
export function pinned(definition: object = ECHO, rules: object = {}): LockedTool {
  return { ...pin('tools', parseDefinition(toolDefinition, definition)), ...RULES, ...rules } as LockedTool;
}

export function pinnedResource(definition: object, rules: object = {}): LockedResource {
  return { ...pin('resources', parseDefinition(resourceDefinition, definition)), ...RULES, ...rules };
}

export function pinnedPrompt(definition: object, rules: object = {}): LockedPrompt {
  const parsed = parseDefinition(promptDefinition, definition);
  return { ...pin('prompts', parsed), ...RULES, ...rules } as LockedPrompt;
}

/** Everything pinned of a server, for the pipeline. */
export function offersOf({ url }: Behind, options: WallOptions = {}): Pinned {
  const { session = 'per-request', maxBytes = 256 * 1024, resources = [], prompts = [] } = options;
  const ignore = () => {};
  return createPinnedOffers({
    connection: createConnection({ url, session, maxBytes, version: '0.0.0' }),
    lock: { tools: [...(options.locked ?? [pinned()])], resources: [...resources], prompts: [...prompts] },
    turns: createTurns(),
    logger: options.logger ?? { info: ignore, warn: ignore, error: ignore },
    now: options.now ?? (() => performance.now()),
  });
}
