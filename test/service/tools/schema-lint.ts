import { redact } from '../../../service/logging/redact.ts';
import { REDACTED } from '../../../service/logging/redact-text.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const MAX_DEPTH = 8;
const MAX_SUBSCHEMAS = 200;

type Schema = Record<string, unknown>;

/** Every object and list in a schema, with the keys that lead to it. */
function* parts(value: unknown, path: readonly string[] = []): Generator<[readonly string[], Schema]> {
  if (typeof value !== 'object' || value === null) return;
  yield [path, value as Schema];
  for (const [key, part] of Object.entries(value)) yield* parts(part, [...path, key]);
}

/**
 * Problems of a schema for foreign validators: another dialect, a `$ref` that leaves the schema, more depth or size
 * than necessary (MCP 2026-07-28, JSON Schema Usage).
 */
export function faultsOfSchema(schema: Schema): string[] {
  const all = [...parts(schema)];
  const faults = all.flatMap(([path, { $ref }]) =>
    typeof $ref === 'string' && !$ref.startsWith('#') ? [`$ref at ${path.join('.')}`] : [],
  );
  const depth = Math.max(...all.map(([path]) => path.filter((key) => key === 'properties').length));
  if (depth > MAX_DEPTH) faults.push(`${depth} levels`);
  if (schema['$schema'] !== undefined && schema['$schema'] !== DIALECT)
    faults.push(`dialect ${schema['$schema']}`);
  if (all.length > MAX_SUBSCHEMAS) faults.push(`${all.length} parts`);
  return faults;
}

/**
 * Problems of a schema's `x-mcp-header` annotations, which make clients copy arguments into headers that every proxy
 * reads and logs (MCP 2026-07-28, x-mcp-header).
 */
export function faultsOfHeaders(schema: Schema): string[] {
  const names: string[] = [];
  return [...parts(schema)].flatMap(([path, part]) => {
    const name = part['x-mcp-header'];
    if (name === undefined) return [];
    const faults: string[] = [];
    const property = path.at(-1) ?? '';
    if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) faults.push('not a token');
    if (names.includes(String(name).toLowerCase())) faults.push('twice');
    names.push(String(name).toLowerCase());
    if (!['integer', 'string', 'boolean'].includes(String(part['type']))) faults.push(`type ${part['type']}`);
    if (path.some((key, index) => index % 2 === 0 && key !== 'properties')) faults.push('not reachable');
    const shown = redact({ [property]: 'x', [String(name)]: 'x' }, 1000) as Schema;
    if (Object.values(shown).includes(REDACTED)) faults.push('a secret');
    return faults.map((fault) => `${path.join('.')}: ${fault}`);
  });
}
