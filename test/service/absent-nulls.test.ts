import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { dropNullsBy } from '../../service/absent-nulls.ts';

const inner = z.strictObject({ needed: z.string(), wished: z.string().optional() });
interface Tree {
  readonly label?: string | undefined;
  readonly children?: readonly Tree[] | undefined;
}
const tree: z.ZodType<Tree> = z.strictObject({
  label: z.string().optional(),
  get children() {
    return z.array(tree).optional();
  },
});
const schema = z.strictObject({
  needed: z.string(),
  wished: z.string().max(3).optional(),
  defaulted: z.enum(['a', 'b']).default('a'),
  nullable: z.string().nullable().optional(),
  nullish: z.string().nullish(),
  literal: z.union([z.literal('x'), z.null()]).optional(),
  anything: z.unknown().optional(),
  nested: inner.optional(),
  list: z.array(inner).optional(),
  either: z.union([inner, z.string()]).optional(),
  record: z.record(z.string(), z.number().optional()).optional(),
  both: z
    .intersection(z.object({ a: z.string().optional() }), z.object({ b: z.string().optional() }))
    .optional(),
  tree: tree.optional(),
});
const drop = dropNullsBy(z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>);

describe('arguments', () => {
  test.each<[string, unknown, unknown]>([
    ['an optional one', { wished: null, needed: 'x' }, { needed: 'x' }],
    ['one with a default', { defaulted: null }, {}],
    ['one within an optional object', { nested: { needed: 'x', wished: null } }, { nested: { needed: 'x' } }],
    ['an optional object itself', { nested: null }, {}],
    ['one within a list', { list: [{ wished: null }, { needed: 'x' }] }, { list: [{}, { needed: 'x' }] }],
    ['one within an alternative', { either: { wished: null } }, { either: {} }],
    ['one of an intersection', { both: { a: null, b: null } }, { both: {} }],
    [
      'one at any depth in a recursive schema',
      { tree: { children: [{ children: [{ label: null }] }] } },
      { tree: { children: [{ children: [{}] }] } },
    ],
  ])('%s that is null is left out', (_what, value, kept) => {
    expect(drop(value)).toEqual(kept);
  });

  test.each<[string, unknown]>([
    ['a required one', { needed: null }],
    ['one that may be null', { nullable: null, nullish: null, literal: null }],
    ['one that may be anything', { anything: null }],
    ['a required one within an object', { nested: { needed: null } }],
    ['one that the schema does not know', { other: null }],
    ['an item of a list', { list: [null] }],
    ['a value of a record', { record: { a: null } }],
    ['the whole', null],
  ])('%s that is null stays', (_what, value) => {
    expect(drop(value)).toBe(value);
  });

  test('arguments without such a null are the same object', () => {
    const value = { needed: 'x', nested: { needed: 'y' }, list: [{ needed: 'z' }], tree: { children: [] } };
    expect(drop(value)).toBe(value);
  });

  test('a member named __proto__ is neither lost nor set', () => {
    const kept = drop(JSON.parse('{"wished":null,"__proto__":{"polluted":1}}')) as object;
    expect(Object.hasOwn(kept, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
  });
});
