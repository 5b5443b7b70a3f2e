import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BOUNDS, SCOPE_TOKEN, TOOL_NAME } from '../environment/bounds.ts';
import type { ListedTool } from '../mcp/served-tool.ts';

/** Name of the file, in the folder in which the service starts. */
export const LOCK_FILE = 'tools.lock.json';

/** Most tools of one server. */
export const MAX_TOOLS = 200;

/** Deadline of a pinned tool until it is edited, in milliseconds. */
const DEFAULT_DEADLINE_MS = 20_000;

const objectSchema = z.looseObject({ type: z.literal('object') });

/** The part of a tool that its server states. */
const definition = z.object({
  name: z.string().regex(TOOL_NAME, 'must be 1 to 64 of letters, digits, _ and -'),
  title: z.string().max(200).optional(),
  description: z.string().max(20_000).optional(),
  inputSchema: objectSchema,
  outputSchema: objectSchema.optional(),
  annotations: z.record(z.string().max(64), z.union([z.boolean(), z.string().max(200)])).optional(),
});

export type Definition = z.output<typeof definition>;

const lockedTool = z.strictObject({
  ...definition.shape,
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  scopes: z.array(z.string().regex(SCOPE_TOKEN)).min(1).max(16),
  deadlineMs: z.int().min(100).max(BOUNDS.scrapeTimeoutMs.max),
  limitPerMinute: z.int().min(1).max(BOUNDS.toolLimitPerMinute.max).optional(),
});

/** A pinned tool: its definition with its hash, and the rules that the operator sets for it. */
export type LockedTool = z.output<typeof lockedTool>;

const lock = z.strictObject({ tools: z.array(lockedTool).max(MAX_TOOLS) });

/**
 * Parses `tools.lock.json`.
 *
 * @throws Error with every problem and the tool that has it: an invalid member, a name that is there twice, a definition
 * that does not match its hash
 */
export function parseLock(text: string): readonly LockedTool[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${LOCK_FILE} is not JSON; write it anew with: npm run tools:pin -- --url URL`);
  }
  const parsed = lock.safeParse(json);
  if (!parsed.success) throw new Error(`${LOCK_FILE} is not valid:\n${z.prettifyError(parsed.error)}`);
  const { tools } = parsed.data;
  const problems = tools.flatMap((tool, index) => {
    const twice = tools.findIndex(({ name }) => name === tool.name) !== index;
    if (twice) return [`${tool.name} is there twice; remove one`];
    if (hashOf(tool) === tool.hash) return [];
    return [`the definition of ${tool.name} does not match its hash; pin it anew with: npm run tools:pin`];
  });
  if (problems.length > 0) throw new Error(`${LOCK_FILE} is not valid:\n${problems.join('\n')}`);
  return tools;
}

/**
 * Reads a definition as the server lists it. Members that the protocol adds later are not part of it.
 *
 * @throws Error naming what no client would accept
 */
export function definitionOf(listed: unknown): Definition {
  const parsed = definition.safeParse(listed);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

/** SHA-256 of the definition as JSON with sorted members, in hexadecimal digits. */
export function hashOf({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: Definition): string {
  const definition = { name, title, description, inputSchema, outputSchema, annotations };
  return createHash('sha256').update(JSON.stringify(definition, sorted)).digest('hex');
}

/** Pins a definition, with the rules of the tool's former entry, or a scope of its own and no limit of its own. */
export function pin(found: Definition, former?: LockedTool): LockedTool {
  const { scopes = [found.name], deadlineMs = DEFAULT_DEADLINE_MS, limitPerMinute } = former ?? {};
  return {
    ...found,
    hash: hashOf(found),
    scopes,
    deadlineMs,
    ...(limitPerMinute !== undefined && { limitPerMinute }),
  };
}

/** The tool as clients see it. */
export function entryOf({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: Definition): ListedTool {
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema,
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
  };
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
