import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { faultsOfHeaders, faultsOfSchema } from './schema-lint.ts';

const header = (name: unknown) => ({ 'x-mcp-header': name });
const json = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;

test.each([
  ['a good one', z.object({ region: z.string().meta(header('Region')) }), []],
  ['one on a nested property', z.object({ a: z.object({ b: z.int().meta(header('B')) }) }), []],
  ['an empty name', z.object({ a: z.string().meta(header('')) }), ['properties.a: not a token']],
  [
    'a name with a line break',
    z.object({ a: z.string().meta(header('A\r\nB')) }),
    ['properties.a: not a token'],
  ],
  ['a name that is no text', z.object({ a: z.string().meta(header(5)) }), ['properties.a: not a token']],
  [
    'a name in two cases',
    z.object({ a: z.string().meta(header('A')), b: z.string().meta(header('a')) }),
    ['properties.b: twice'],
  ],
  ['one on a number', z.object({ a: z.number().meta(header('A')) }), ['properties.a: type number']],
  [
    'one in a list',
    z.object({ a: z.array(z.string().meta(header('A'))) }),
    ['properties.a.items: not reachable'],
  ],
  [
    'one on a secret',
    z.object({ api_key: z.string().meta(header('Tenant')) }),
    ['properties.api_key: a secret'],
  ],
  [
    'one named like a secret',
    z.object({ a: z.string().meta(header('Auth-Token')) }),
    ['properties.a: a secret'],
  ],
])('of x-mcp-header annotations %s has these faults', (_what, schema, faults) => {
  expect(faultsOfHeaders(json(schema))).toEqual(faults);
});

const deep = (levels: number): z.ZodType => (levels === 0 ? z.string() : z.object({ a: deep(levels - 1) }));

test.each([
  ['a plain object', json(z.strictObject({ url: z.string().max(10) })), []],
  [
    'draft-07',
    z.toJSONSchema(z.object({}), { target: 'draft-7' }),
    ['dialect http://json-schema.org/draft-07/schema#'],
  ],
  [
    'a $ref into the network',
    json(z.object({ a: z.string().meta({ $ref: 'https://evil.example/s' }) })),
    ['$ref at properties.a'],
  ],
  ['nine levels', json(deep(9)), ['9 levels']],
])('of schemas %s has these faults', (_what, schema, faults) => {
  expect(faultsOfSchema(schema as Record<string, unknown>)).toEqual(faults);
});

test('a schema of hundreds of parts is too large', () => {
  const large = z.object(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, z.string()])));
  expect(faultsOfSchema(json(large))).toEqual([expect.stringMatching(/^\d+ parts$/)]);
});
