import type { Client } from '@modelcontextprotocol/client';
import { describeError, type Logger } from '../logging/logger.ts';
import type { Connection } from './connection.ts';
import { type Definition, definitionOf, hashOf, type LockedTool, MAX_TOOLS } from './lock.ts';

/** How long a comparison with the lock counts, in milliseconds. */
const VALID_MS = 30_000;
/** Longest comparison, in milliseconds. */
const COMPARE_MS = 10_000;
/** Most pages of a list of tools. */
const MAX_PAGES = 50;

export interface ChangesOptions {
  readonly connection: Connection;
  readonly locked: readonly LockedTool[];
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Tells whether a tool is as pinned. The server's list is read anew when the last one is older than 30 s; calls that come
 * meanwhile wait for it. Each change is logged once, as `tool_changed` with the names of the tools.
 *
 * @throws an error of the connection, if the list cannot be read
 */
export type IsAsPinned = (name: string) => Promise<boolean>;

export function createIsAsPinned({ connection, locked, logger, now }: ChangesOptions): IsAsPinned {
  let reading: Promise<ReadonlySet<string>> | undefined;
  let validUntil = Number.NEGATIVE_INFINITY;
  let told = '';

  async function compare(): Promise<ReadonlySet<string>> {
    const found = await connection.use(AbortSignal.timeout(COMPARE_MS), listDefinitions);
    const hashes = new Map(found.map((definition) => [definition.name, hashOf(definition)]));
    const changed = locked.filter(({ name, hash }) => hashes.get(name) !== hash).map(({ name }) => name);
    if (changed.join() !== told && changed.length > 0) logger.error('tool_changed', { tools: changed });
    told = changed.join();
    validUntil = now() + VALID_MS;
    return new Set(locked.map(({ name }) => name).filter((name) => !changed.includes(name)));
  }

  return async (name) => {
    if (reading === undefined || now() >= validUntil) {
      // Calls meanwhile share this comparison; its end sets the time.
      validUntil = Number.POSITIVE_INFINITY;
      reading = compare().catch((error) => {
        reading = undefined;
        logger.warn('tools_not_compared', describeError(error));
        throw error;
      });
    }
    return (await reading).has(name);
  };
}

/**
 * All tools that the server lists and clients would accept, in its order. A tool whose definition is not valid is left
 * out, so it counts as changed.
 *
 * @param skipped is given the name of each tool that is left out, and why
 */
export async function listDefinitions(
  client: Client,
  skipped: (name: unknown, why: string) => void = () => {},
): Promise<readonly Definition[]> {
  const found: Definition[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    // Not `listTools`, which writes to standard output where it leaves a tool out.
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await client.request({ method: 'tools/list', params });
    for (const tool of tools) {
      try {
        found.push(definitionOf(tool));
      } catch (error) {
        skipped(tool.name, (error as Error).message);
      }
    }
    if (nextCursor === undefined || found.length > MAX_TOOLS) return found;
    cursor = nextCursor;
  }
  throw new Error(`the server's list of tools has more than ${MAX_PAGES} pages`);
}
