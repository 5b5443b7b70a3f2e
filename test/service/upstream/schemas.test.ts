import { describe, expect, test } from '@jest/globals';
import { createBoundedValidator, createTimeBox } from '../../../service/upstream/bounded-validator.ts';
import { parseLock, pin } from '../../../service/upstream/lock.ts';
import { schemaProblem } from '../../../service/upstream/schema-problem.ts';
import { answerOf, callOf, startApp } from '../support/start-app.ts';
import { ECHO, startLegacy } from './servers.ts';
import { offersOf, pinned } from './wall.ts';

const text = (more: object) => ({ type: 'object', properties: { text: { type: 'string', ...more } } });
const nested = (levels: number): object => {
  let schema: object = {};
  for (let i = 0; i < levels; i++) schema = { not: schema };
  return schema;
};
/** Checks the same value 2 to the power of 60 times. */
const branching = {
  type: 'object',
  properties: { text: { $ref: '#/$defs/d0' } },
  $defs: Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => {
      const next = { $ref: `#/$defs/d${i + 1}` };
      return [`d${i}`, i === 29 ? { type: 'number' } : { anyOf: [next, next, next, next] }];
    }),
  ),
};

const REFUSED: readonly (readonly [string, object, string])[] = [
  ['a $ref to another document', text({ $ref: 'https://example.com/schema' }), 'must begin with #/'],
  ['a $ref to a file', text({ $ref: 'other.json#/a' }), 'must begin with #/'],
  ['a $ref that leads nowhere', text({ $ref: '#/$defs/no' }), 'leads to no schema'],
  ['a $ref to a member of every object', text({ $ref: '#/toString' }), 'leads to no schema'],
  ['a $ref to no schema', { ...text({ $ref: '#/title' }), title: 'x' }, 'leads to no schema'],
  ['a $ref to itself', { type: 'object', $ref: '#' }, 'in a circle'],
  [
    'two $refs to each other',
    {
      ...text({ $ref: '#/$defs/a' }),
      $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } },
    },
    'in a circle',
  ],
  ['a $dynamicRef', text({ $dynamicRef: '#node' }), '$dynamicRef is not supported'],
  ['a part with an $id', text({ $id: 'https://example.com/x' }), '$id in a part'],
  ['a pattern that is none', text({ pattern: '(' }), 'the pattern "(" is not a regular expression'],
  ['such a name', { type: 'object', patternProperties: { '[': {} } }, 'the pattern "["'],
  ['another dialect', { ...text({}), $schema: 'https://example.com/dialect' }, 'dialect'],
  ['65 levels', text(nested(70)), 'nested more than 64 levels'],
  [
    'too many parts',
    { type: 'object', properties: Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [i, {}])) },
    'more than 5000 parts',
  ],
];

describe('a schema with', () => {
  test.each(REFUSED)('%s stops the start with the name of its tool', (_what, inputSchema, problem) => {
    expect(schemaProblem(inputSchema as never)).toContain(problem);
    const tool = pin('tools', { ...ECHO, inputSchema } as never);
    const lock = JSON.stringify({ tools: [tool] });
    expect(() => parseLock(lock)).toThrow(problem);
    expect(() => parseLock(lock)).toThrow('tools → echo → inputSchema');
  });

  test.each([
    ['a $ref', { ...text({ $ref: '#/$defs/a%20b' }), $defs: { 'a b': { minLength: 1 } } }],
    ['a tree', { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } }],
    [
      'members named as keywords are',
      { type: 'object', properties: { $ref: { type: 'string' }, pattern: {}, $id: {} } },
    ],
    ['values that look like schemas', { ...text({}), default: { $ref: 'x' }, examples: [{ pattern: '(' }] }],
    ['an $id of its own', { ...text({}), $id: 'https://example.com/a' }],
    ['draft 7', { ...text({}), $schema: 'http://json-schema.org/draft-07/schema#' }],
  ])('%s can be used', (_what, schema) => {
    expect(schemaProblem(schema as never)).toBeUndefined();
  });
});

/** Arguments that would keep a validator busy for years. */
const SLOW: readonly (readonly [string, object, object])[] = [
  ['a pattern with nested repetitions', text({ pattern: '^(a+)+$' }), { text: `${'a'.repeat(50)}!` }],
  ['a pattern with alternatives', text({ pattern: '^(a|a)*$' }), { text: `${'a'.repeat(50)}!` }],
  [
    'names of such a pattern',
    { type: 'object', patternProperties: { '^(a|a)*$': {} } },
    { [`${'a'.repeat(50)}!`]: 1 },
  ],
  ['four alternatives on 30 levels', branching, { text: 'x' }],
  [
    'items that must differ',
    { type: 'object', properties: { list: { type: 'array', uniqueItems: true } } },
    { list: Array.from({ length: 9000 }, (_, i) => [[[[String(i)]]]]) },
  ],
];

describe('a check of arguments', () => {
  const validator = createBoundedValidator(createTimeBox());

  test.each(SLOW)('with %s is stopped, and the arguments are refused', async (_what, inputSchema, given) => {
    expect(schemaProblem(inputSchema as never)).toBeUndefined();
    const [tool] = offersOf(await behind(), { locked: [pinned({ ...ECHO, inputSchema })] }).tools;
    const begun = process.cpuUsage();
    expect(tool?.check(given)).toEqual({ problem: expect.stringContaining('cannot be checked in time') });
    const { user, system } = process.cpuUsage(begun);
    // Two parts, each within 50 ms: absent members, and the schema.
    expect((user + system) / 1000).toBeLessThan(110);
  });

  test('that throws refuses the value', () => {
    const validate = validator.getValidator({ $ref: '#/nowhere' } as never);
    expect(validate({})).toMatchObject({ valid: false });
  });

  test('of a deep value neither throws nor hangs', async () => {
    const tree = { type: 'object', properties: { a: { $ref: '#' } } };
    const [tool] = offersOf(await behind(), { locked: [pinned({ ...ECHO, inputSchema: tree })] }).tools;
    let value: object = {};
    for (let i = 0; i < 100_000; i++) value = { a: value };
    expect(tool?.check(value)).toEqual({ problem: expect.any(String) });
  });

  test('a result that would keep the check of its schema busy is refused', async () => {
    const outputSchema = text({ pattern: '^(a+)+$' });
    const tool = { ...ECHO, outputSchema };
    const server = await startLegacy(
      ({ id }, response) => {
        const result = { content: [], structuredContent: { text: `${'a'.repeat(50)}!` } };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
      () => [tool],
    );
    const app = await startApp(offersOf(server, { locked: [pinned(tool)] }));
    const begun = process.cpuUsage();
    await answerOf(await app.post(callOf('echo')));
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1000);
    expect((await app.audit()).at(-1)).toMatchObject({ errorCode: 'result_not_accepted' });
    await app.stop();
    server.stop();
  });
});

/** A server that is never asked. */
async function behind() {
  const server = await startLegacy(() => {});
  server.stop();
  return server;
}
