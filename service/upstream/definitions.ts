import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TOOL_NAME } from '../environment/bounds.ts';
import type { ListedPrompt } from '../mcp/get-prompt.ts';
import type { ListedResource, ListedTemplate } from '../mcp/read-resource.ts';
import type { ListedTool } from '../mcp/served-tool.ts';
import { uriPattern } from '../mcp/uri-pattern.ts';
import { schemaProblem } from './schema-problem.ts';

/*
 * The part of a tool, a resource or a prompt that its server states, and its hash. Members that the protocol adds later
 * are not part of it, so clients never see them.
 */

const objectSchema = z.looseObject({ type: z.literal('object') }).superRefine((schema, { addIssue }) => {
  const problem = schemaProblem(schema);
  if (problem !== undefined) addIssue({ code: 'custom', message: problem });
});
const name = z.string().regex(TOOL_NAME, 'must be 1 to 64 of letters, digits, _ and -');
const title = z.string().max(200).optional();
const description = z.string().max(20_000).optional();

export const toolDefinition = z.object({
  name,
  title,
  description,
  inputSchema: objectSchema,
  outputSchema: objectSchema.optional(),
  annotations: z.record(z.string().max(64), z.union([z.boolean(), z.string().max(200)])).optional(),
});

const uri = z
  .string()
  .superRefine((text, { addIssue }) => {
    try {
      uriPattern(text);
    } catch (error) {
      addIssue({ code: 'custom', message: (error as Error).message });
    }
  })
  .optional();

export const resourceDefinition = z.object({
  uri,
  uriTemplate: uri,
  name: z.string().min(1).max(200),
  title,
  description,
  mimeType: z.string().max(130).optional(),
});

export const promptDefinition = z.object({
  name,
  title,
  description,
  arguments: z
    .array(
      z.object({
        name: z.string().min(1).max(64),
        title,
        description: z.string().max(2000).optional(),
        required: z.boolean().optional(),
      }),
    )
    .max(50)
    .optional(),
});

export type ToolDefinition = z.output<typeof toolDefinition> & ListedTool;
export type ResourceDefinition = z.output<typeof resourceDefinition>;
export type PromptDefinition = z.output<typeof promptDefinition> & ListedPrompt;

/** @returns why a resource is not one, or undefined */
export function resourceProblem(resource: { uri?: unknown; uriTemplate?: unknown }): string | undefined {
  const { uri: one, uriTemplate: many } = resource;
  if ((one === undefined) === (many === undefined)) return 'must have either uri or uriTemplate';
  if (typeof one === 'string' && one.includes('{')) return 'uri must have no {variable}';
  return typeof many === 'string' && !many.includes('{') ? 'uriTemplate must have a {variable}' : undefined;
}

/**
 * Reads a definition as the server lists it.
 *
 * @throws Error naming what no client would accept, or what this service cannot check
 */
export function parseDefinition<T>(schema: z.ZodType<T>, listed: unknown): T {
  const parsed = schema.safeParse(listed);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

/** SHA-256 of a definition as JSON with sorted members, in hexadecimal digits. Other members do not count. */
export function hashOf(schema: z.ZodObject, definition: object): string {
  const members = Object.entries(definition).filter(([member]) => Object.hasOwn(schema.shape, member));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members), sorted))
    .digest('hex');
}

/** The resource as clients see it. */
export function resourceEntry(definition: ResourceDefinition): ListedResource | ListedTemplate {
  const { uri: one, uriTemplate = '', ...described } = resourceDefinition.parse(definition);
  return one === undefined ? { uriTemplate, ...described } : { uri: one, ...described };
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
