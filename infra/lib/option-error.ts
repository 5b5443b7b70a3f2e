import * as z from 'zod';
import { didYouMean } from '../../service/did-you-mean.ts';

/** An invalid value in infra/config.ts. The message is for the person who wrote it. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * A problem that concerns several options, for `context.addIssue` in a refinement.
 *
 * @param path path of the option to name, within the refined object
 * @param text rest of the sentence that begins with the option, such as `must be left out with egress nat`
 */
export function problem(path: PropertyKey[], text: string) {
  return { code: 'custom', path, message: text } as const;
}

/**
 * Checks the options against their schema, and fills in defaults.
 *
 * @param renamed old names of options and their new names, such as `task.engine: 'task.scrapeEngine'`
 * @param others lines of problems that no schema finds
 * @throws OptionError with a line for each problem: the option, the rule, the value
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  renamed: ReadonlyMap<string, string> = new Map(),
  others: readonly string[] = [],
): z.output<Schema> {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success && others.length === 0) return result.data;
  const issues = result.error?.issues ?? [];
  const lines = [...issues.flatMap((issue) => linesOf(issue, schema, renamed)), ...others];
  throw new OptionError([...new Set(lines)].join('\n'));
}

function linesOf(issue: z.core.$ZodIssue, schema: z.ZodType, renamed: ReadonlyMap<string, string>): string[] {
  // A rule for the items of a list names the list: the value shows which item is meant.
  const isItem = typeof issue.path.at(-1) === 'number' && issue.code !== 'invalid_type';
  const option = nameOf(isItem ? issue.path.slice(0, -1) : issue.path);
  if (issue.code === 'unrecognized_keys') {
    const valid = namesAt(schema, issue.path);
    return issue.keys.map((key) => {
      const name = nameOf([...issue.path, key]);
      const current = renamed.get(name);
      if (current !== undefined) return `${name} is now ${current}`;
      return `${name} is not an option${didYouMean(key, valid)}; valid options: ${valid.join(', ')}`;
    });
  }
  if (issue.code === 'custom') return [`${option} ${issue.message}`];
  if (issue.input === undefined) return [`${option} must be given`];
  // One of several forms may be that of a secret.
  if (issue.code === 'invalid_union') return [`${option} must be ${ruleOf(issue)}`];
  // A list that is too long would fill the screen.
  const counted = issue.code === 'too_big' || issue.code === 'too_small';
  const got = counted && Array.isArray(issue.input) ? issue.input.length : JSON.stringify(issue.input);
  return [`${option} must be ${ruleOf(issue)}, got ${got}`];
}

/** The type that an option must have, or the rule that the schema states. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  const kinds: ReadonlyMap<string, string> = new Map([
    ['array', 'a list'],
    ['object', 'an object'],
    ['boolean', 'a boolean'],
    ['number', 'a number'],
    ['string', 'a string'],
  ]);
  return kinds.get(issue.expected) ?? issue.message;
}

/** `secrets.clients[0].clientId` */
function nameOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '');
}

/** Names of the options at a path of the schema. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return namesAt(inner.element as z.ZodType, path.slice(1));
  if (inner instanceof z.ZodRecord) return namesAt(inner.valueType as z.ZodType, path.slice(1));
  if (!(inner instanceof z.ZodObject)) return [];
  const [name, ...rest] = path;
  if (name === undefined) return Object.keys(inner.shape);
  return namesAt(inner.shape[name as string] as z.ZodType, rest);
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
