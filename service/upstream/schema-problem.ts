import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { MAX_DEPTH } from '../json-bounds.ts';
import { isRecord, type Json } from '../json-field.ts';

/** Most parts of a schema. */
const MAX_PARTS = 5000;

/** Keywords whose members are schemas by name. */
const BY_NAME = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
/** Keywords whose schemas apply to the same value as the schema that has them. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];
/** Keywords with one schema, or a list of them, for members or items of the value. */
const INNER = [
  'additionalProperties',
  'additionalItems',
  'contains',
  'items',
  'prefixItems',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
];
/** Keywords that the validator ignores or fetches nothing for, so that it would accept anything. */
const UNSUPPORTED = ['$dynamicRef', '$recursiveRef'];

/**
 * Why a schema cannot be used to check values: a reference that leaves the document, or leads nowhere, or in a circle; a
 * pattern that is not a regular expression; a dialect or a size that is not supported.
 *
 * @returns undefined if it can be used
 */
export function schemaProblem(schema: Json): string | undefined {
  try {
    new CfWorkerJsonSchemaValidator().getValidator(structuredClone(schema) as Record<string, unknown>);
    visit(schema, schema);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/\s+/g, ' ').slice(0, 300);
  }
}

/** @throws Error naming the first problem */
function visit(root: Json, start: Json): void {
  let parts = 0;
  const done = new Set<Json>();
  const open = new Set<Json>();

  function part(schema: unknown, depth: number): void {
    if (!isRecord(schema) || done.has(schema)) return;
    if (open.has(schema)) throw new Error('a $ref leads in a circle without a member or an item between');
    parts += 1;
    if (parts > MAX_PARTS) throw new Error(`it has more than ${MAX_PARTS} parts`);
    if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`);
    const unsupported = UNSUPPORTED.find((name) => schema[name] !== undefined);
    if (unsupported !== undefined) throw new Error(`${unsupported} is not supported`);
    if (schema !== root && typeof schema['$id'] === 'string')
      throw new Error('$id in a part is not supported');
    requirePatterns(schema);

    open.add(schema);
    for (const each of SAME_VALUE.flatMap((name) => schemasOf(schema[name]))) part(each, depth + 1);
    if (schema['$ref'] !== undefined) part(resolve(root, schema['$ref']), depth + 1);
    for (const each of Object.values(recordOf(schema['dependentSchemas']))) part(each, depth + 1);
    open.delete(schema);
    done.add(schema);
    inner.push(...INNER.flatMap((name) => schemasOf(schema[name])).map((each) => [each, depth + 1] as const));
    for (const name of BY_NAME) {
      inner.push(...Object.values(recordOf(schema[name])).map((each) => [each, depth + 1] as const));
    }
  }

  const inner: (readonly [unknown, number])[] = [[start, 0]];
  for (let next = inner.pop(); next !== undefined; next = inner.pop()) part(...next);
}

function requirePatterns({ pattern, patternProperties }: Json): void {
  const names = Object.keys(recordOf(patternProperties));
  for (const text of typeof pattern === 'string' ? [pattern, ...names] : names) {
    try {
      new RegExp(text, 'u');
    } catch {
      throw new Error(`the pattern ${JSON.stringify(text.slice(0, 100))} is not a regular expression`);
    }
  }
}

/** @throws Error if the reference is not a pointer into this document, or leads to no schema */
function resolve(root: Json, ref: unknown): unknown {
  const name = JSON.stringify(String(ref).slice(0, 100));
  if (typeof ref !== 'string' || !/^#(?:\/|$)/.test(ref)) {
    throw new Error(`the $ref ${name} must begin with #/, because nothing is fetched`);
  }
  let at: unknown = root;
  for (const key of ref.split('/').slice(1)) {
    const member = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
    at = (isRecord(at) || Array.isArray(at)) && Object.hasOwn(at, member) ? (at as Json)[member] : undefined;
  }
  if (!isRecord(at) && typeof at !== 'boolean') throw new Error(`the $ref ${name} leads to no schema`);
  return at;
}

function schemasOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}
