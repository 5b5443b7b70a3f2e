import * as z from 'zod';
import { didYouMean } from '../did-you-mean.ts';
import { BOUNDS, SCOPE_TOKEN } from '../environment/bounds.ts';
import { LOCK_FILE } from '../environment/server.ts';
import { field } from '../json-field.ts';
import type { Recording } from '../logging/recorded-arguments.ts';
import {
  hashOf,
  type PromptDefinition,
  promptDefinition,
  type ResourceDefinition,
  resourceDefinition,
  resourceProblem,
  type ToolDefinition,
  toolDefinition,
} from './definitions.ts';

/** Most tools, resources or prompts of one server. */
export const MAX_PINNED = 200;

/** Deadline of a pinned item until it is edited, in milliseconds. */
const DEFAULT_DEADLINE_MS = 20_000;

const SCOPES =
  'must be a list of 1 to 16 scopes, each of 1 to 64 characters without blanks, quotes and backslashes';
const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const rules = {
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  scopes: z
    .array(z.string({ error: SCOPES }).regex(SCOPE_TOKEN, SCOPES), { error: SCOPES })
    .min(1, SCOPES)
    .max(16, SCOPES),
  deadlineMs: wholeNumber(100, BOUNDS.scrapeTimeoutMs.max),
  limitPerMinute: wholeNumber(1, BOUNDS.toolLimitPerMinute.max).optional(),
};

const recording = z.enum(['full', 'hashed', 'none'] satisfies Recording[]);
const ofTools = {
  ...rules,
  record: z
    .union([recording, z.record(z.string().min(1), recording)], {
      error:
        'must be full, hashed or none, or an object with one of them for each argument, or for * and thus the others',
    })
    .optional(),
};

const lockedResource = z
  .strictObject({ ...resourceDefinition.shape, ...rules })
  .superRefine((resource, { addIssue }) => {
    const problem = resourceProblem(resource);
    if (problem !== undefined) addIssue({ code: 'custom', message: problem });
  });

const lock = z.strictObject({
  tools: z.array(z.strictObject({ ...toolDefinition.shape, ...ofTools })).max(MAX_PINNED),
  resources: z.array(lockedResource).max(MAX_PINNED).default([]),
  prompts: z
    .array(z.strictObject({ ...promptDefinition.shape, ...rules }))
    .max(MAX_PINNED)
    .default([]),
});

const rulesOfLock = z.object({
  tools: z.array(z.looseObject(ofTools)).default([]),
  resources: z.array(z.looseObject(rules)).default([]),
  prompts: z.array(z.looseObject(rules)).default([]),
});

/** Everything pinned of a server: each definition with its hash, and the rules that the operator sets for it. */
export type Lock = z.output<typeof lock>;
/** The rules that the operator sets, and the hash of what they are set for. */
export type Pin = Pick<Lock['tools'][number], keyof typeof rules>;
/** How the audit record has the arguments of a tool. @default - in full, redacted */
export type ToolPin = Pick<Lock['tools'][number], keyof typeof ofTools>;
export type LockedTool = ToolDefinition & ToolPin;
export type LockedResource = ResourceDefinition & Pin;
export type LockedPrompt = PromptDefinition & Pin;

/** Of each kind: events of the log, the definition, its name, and its scope until that is edited. */
export const KINDS = {
  tools: {
    changedEvent: 'tool_changed',
    failedEvent: 'tools_not_compared',
    definition: toolDefinition,
    nameOf: ({ name }: { name: string }) => name,
    /** A tool acts, so each has a scope of its own. */
    scopeOf: (name: string) => name,
  },
  resources: {
    changedEvent: 'resource_changed',
    failedEvent: 'resources_not_compared',
    definition: resourceDefinition,
    nameOf: ({ uri, uriTemplate }: ResourceDefinition) => uri ?? uriTemplate ?? '',
    scopeOf: () => 'resources',
  },
  prompts: {
    changedEvent: 'prompt_changed',
    failedEvent: 'prompts_not_compared',
    definition: promptDefinition,
    nameOf: ({ name }: { name: string }) => name,
    scopeOf: () => 'prompts',
  },
} as const;

/**
 * Parses `tools.lock.json`.
 *
 * @throws Error with every problem and the item that has it: an invalid member, a name that is there twice, a definition
 * that does not match its hash, a schema that cannot be used
 */
export function parseLock(text: string): Lock {
  const { tools, resources, prompts } = parse(lock, text);
  const problems = [
    ...problemsOf(tools, toolDefinition, KINDS.tools.nameOf),
    ...tools.flatMap(recordProblems),
    ...problemsOf(resources, resourceDefinition, KINDS.resources.nameOf),
    ...problemsOf(prompts, promptDefinition, KINDS.prompts.nameOf),
  ];
  if (problems.length > 0) throw new Error(`${LOCK_FILE} is not valid:\n${problems.join('\n')}`);
  return { tools, resources, prompts };
}

/** The entries of a lock with their rules, whatever their definitions are. */
export type Rules = z.output<typeof rulesOfLock>;

/**
 * Parses the rules of a lock that is to be pinned again: its definitions may be edited, or not valid.
 *
 * @throws Error with every invalid rule and the item that has it
 */
export function parseRules(text: string): Rules {
  return parse(rulesOfLock, text);
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(
      `${LOCK_FILE} is not JSON; restore it, or delete it and run: npm run tools:pin -- --url URL`,
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${LOCK_FILE} is not valid:\n${explain(parsed.error, json)}`);
  return parsed.data;
}

function problemsOf<T extends { hash: string }>(
  items: readonly T[],
  definition: z.ZodObject,
  nameOf: (item: T) => string,
): string[] {
  const names = items.map(nameOf);
  return items.flatMap((item, index) => {
    const name = names[index] ?? '';
    if (names.indexOf(name) !== index) return [`${name} is there twice; remove one`];
    if (hashOf(definition, item) === item.hash) return [];
    return [`the definition of ${name} does not match its hash; pin it again with: npm run tools:pin`];
  });
}

/** A misspelled argument would be recorded in full. */
function recordProblems({ name, record, inputSchema }: Lock['tools'][number]): string[] {
  if (typeof record !== 'object') return [];
  const known = [...argumentsIn(inputSchema)];
  return Object.keys(record)
    .filter((argument) => argument !== '*' && !known.includes(argument))
    .map(
      (argument) =>
        `record of ${name} has ${JSON.stringify(argument)}, which is not an argument of the tool${didYouMean(argument, known)}`,
    );
}

/** Names of members that a schema states at any depth: the arguments may be in a part that `allOf` adds. */
function argumentsIn(schema: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  JSON.stringify(schema, (key, value) => {
    if (key === 'properties' && typeof value === 'object' && value !== null)
      for (const name of Object.keys(value)) found.add(name);
    return value;
  });
  return found;
}

/** Each problem with the name of the item that has it, which a person finds in the file; its index is no help. */
function explain({ issues }: z.ZodError, json: unknown): string {
  const lines = issues.flatMap((issue) => {
    const [list = '', index, ...rest] = issue.path.map(String);
    const item = index === undefined ? undefined : field(field(json, list), index);
    const name = field(item, 'name') ?? field(item, 'uri') ?? field(item, 'uriTemplate') ?? index;
    const where = [list, name, ...rest].filter((part) => part !== undefined && part !== '').join(' → ');
    return textsOf(
      issue,
      issue.path.reduce<unknown>((value, key) => field(value, String(key)), json),
    ).map((text) => (where === '' ? text : `${where}: ${text}`));
  });
  return [...new Set(lines)].join('\n');
}

/** The rule that is broken, and the value. Nothing in the file is secret. */
function textsOf(issue: z.core.$ZodIssue, value: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const members = Object.keys(
        issue.path.length === 0 ? lock.shape : (MEMBERS[String(issue.path[0])] ?? {}),
      );
      return `${JSON.stringify(key)} is not a member${didYouMean(key, members)}; members: ${members.join(', ')}`;
    });
  }
  if (value === undefined) return ['is missing; pin it again with: npm run tools:pin'];
  const got = issue.message.startsWith('must') ? `, got ${JSON.stringify(value).slice(0, 100)}` : '';
  return [`${issue.message}${got}`];
}

/** The members of an item, by its list. */
const MEMBERS: Readonly<Record<string, object>> = {
  tools: { ...toolDefinition.shape, ...ofTools },
  resources: { ...resourceDefinition.shape, ...rules },
  prompts: { ...promptDefinition.shape, ...rules },
};

/** Pins a definition, with the rules of its former entry, or a default scope and no limit of its own. */
export function pin<Definition extends object>(
  list: keyof typeof KINDS,
  found: Definition,
  former?: ToolPin,
): Definition & ToolPin {
  const { definition, nameOf, scopeOf } = KINDS[list];
  const name = (nameOf as (of: object) => string)(found);
  const { scopes = [scopeOf(name)], deadlineMs = DEFAULT_DEADLINE_MS, limitPerMinute, record } = former ?? {};
  return {
    ...found,
    hash: hashOf(definition, found),
    scopes,
    deadlineMs,
    ...(limitPerMinute !== undefined && { limitPerMinute }),
    ...(record !== undefined && { record }),
  };
}
