import { type Client, ProtocolError, ProtocolErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { field } from '../json-field.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { Connection } from './connection.ts';
import {
  hashOf,
  type PromptDefinition,
  parseDefinition,
  type ResourceDefinition,
  resourceProblem,
  type ToolDefinition,
} from './definitions.ts';
import { KINDS, MAX_PINNED, type Pin } from './lock.ts';

/** How long a comparison with the lock counts, in milliseconds. */
const VALID_MS = 30_000;
/** Longest comparison, in milliseconds. */
const COMPARE_MS = 10_000;
/** Most pages of a list. */
const MAX_PAGES = 50;

export interface ChangesOptions {
  readonly list: keyof typeof KINDS;
  readonly connection: Connection;
  readonly locked: readonly Pin[];
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Tells whether a tool, a resource or a prompt is as pinned. The server's list is read again when the last one is older
 * than 30 s; calls that come meanwhile wait for it. Each change is logged once, as `tool_changed`, `resource_changed` or
 * `prompt_changed`, with the names.
 *
 * @throws an error of the connection, if the list cannot be read
 */
export type IsAsPinned = (name: string) => Promise<boolean>;

export function createIsAsPinned({ list, connection, locked, logger, now }: ChangesOptions): IsAsPinned {
  const { changedEvent, failedEvent, definition } = KINDS[list];
  const nameOf = KINDS[list].nameOf as (item: object) => string;
  let reading: Promise<ReadonlySet<string>> | undefined;
  let validUntil = Number.NEGATIVE_INFINITY;
  let told = '';

  async function compare(): Promise<ReadonlySet<string>> {
    const read = LISTS[list] as (client: Client) => Promise<readonly object[]>;
    const found = await connection.use(AbortSignal.timeout(COMPARE_MS), read);
    const hashes = new Map(found.map((each) => [nameOf(each), hashOf(definition, each)]));
    const changed = locked.filter((each) => hashes.get(nameOf(each)) !== each.hash).map(nameOf);
    if (changed.join() !== told && changed.length > 0) logger.error(changedEvent, { [list]: changed });
    told = changed.join();
    validUntil = now() + VALID_MS;
    return new Set(locked.map(nameOf).filter((name) => !changed.includes(name)));
  }

  return async (name) => {
    if (reading === undefined || now() >= validUntil) {
      // Calls meanwhile share this comparison; its end sets the time.
      validUntil = Number.POSITIVE_INFINITY;
      reading = compare().catch((error) => {
        reading = undefined;
        logger.warn(failedEvent, describeError(error));
        throw error;
      });
    }
    return (await reading).has(name);
  };
}

/** Is given the name of each item that is left out, and why. */
type Skipped = (name: unknown, why: string) => void;

/**
 * Everything of a kind that the server lists and clients would accept, in its order. An item whose definition is not
 * valid is left out, so it counts as changed. A server without the kind has none.
 */
export const LISTS = {
  tools: (client: Client, skipped: Skipped = () => {}): Promise<readonly ToolDefinition[]> =>
    // Not `listTools`, which writes to standard output where it leaves a tool out.
    collect(
      async (params) => {
        const { tools, nextCursor } = await client.request({ method: 'tools/list', params });
        return { page: tools, nextCursor };
      },
      (tool) => parseDefinition(KINDS.tools.definition, tool),
      skipped,
    ),
  async resources(client: Client, skipped: Skipped = () => {}): Promise<readonly ResourceDefinition[]> {
    const parse = (resource: object) => {
      const problem = resourceProblem(resource);
      if (problem !== undefined) throw new Error(problem);
      return parseDefinition(KINDS.resources.definition, resource);
    };
    const single = await collect(
      async (params) => {
        const { resources, nextCursor } = await client.request({ method: 'resources/list', params });
        return { page: resources, nextCursor };
      },
      parse,
      skipped,
    );
    const templates = await collect(
      async (params) => {
        const result = await client.request({ method: 'resources/templates/list', params });
        return { page: result.resourceTemplates, nextCursor: result.nextCursor };
      },
      parse,
      skipped,
    );
    return [...single, ...templates];
  },
  prompts: (client: Client, skipped: Skipped = () => {}): Promise<readonly PromptDefinition[]> =>
    collect(
      async (params) => {
        const { prompts, nextCursor } = await client.request({ method: 'prompts/list', params });
        return { page: prompts, nextCursor };
      },
      (prompt) => parseDefinition(KINDS.prompts.definition, prompt),
      skipped,
    ),
};

async function collect<Listed extends { name: string }, Definition>(
  read: (params: {
    cursor?: string;
  }) => Promise<{ page: readonly Listed[]; nextCursor?: string | undefined }>,
  parse: (listed: Listed) => Definition,
  skipped: Skipped,
): Promise<Definition[]> {
  const found: Definition[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { page, nextCursor } = await read(cursor === undefined ? {} : { cursor }).catch(orNone<Listed>);
    for (const each of page) {
      try {
        found.push(parse(each));
      } catch (error) {
        skipped(each.name, (error as Error).message);
      }
    }
    if (nextCursor === undefined || found.length > MAX_PINNED) return found;
    cursor = nextCursor;
  }
  throw new Error(`a list of the server has more than ${MAX_PAGES} pages`);
}

/** A server that does not know the method offers nothing of the kind. */
function orNone<Listed>(error: unknown): { page: readonly Listed[]; nextCursor?: undefined } {
  if (codeOf(error) === ProtocolErrorCode.MethodNotFound) return { page: [] };
  throw error;
}

/** The code of the JSON-RPC error. A server of 2026-07-28 sends an unknown method's with HTTP 404, which the SDK does not read. */
function codeOf(error: unknown): unknown {
  if (error instanceof ProtocolError) return error.code;
  if (!(error instanceof SdkHttpError) || error.status !== 404) return undefined;
  try {
    return field(field(JSON.parse(String(field(error.data, 'text'))), 'error'), 'code');
  } catch {
    return undefined;
  }
}
