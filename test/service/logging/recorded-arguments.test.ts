import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createChainCheck } from '../../../service/logging/audit-chain.ts';
import { AuditLog, MAX_RECORD_BYTES } from '../../../service/logging/audit-log.ts';
import type { LineWriter } from '../../../service/logging/line-writer.ts';
import {
  createRules,
  type Recording,
  type RecordingRule,
  ruleOf,
} from '../../../service/logging/recorded-arguments.ts';
import { fc } from '../../support/property.ts';

const KEY = createSecretKey(Buffer.from('k'.repeat(32)));
const silent = { info() {}, warn() {}, error() {} };

/** The line of a call in the audit trail. */
function lineOf(tool: string | undefined, args: unknown, rules: Record<string, RecordingRule>, key = KEY) {
  let line = '';
  const writer = {
    queuedBytes: 0,
    capacityBytes: 1e6,
    broken: false,
    write: (text: string) => (line = text),
  };
  const ruleOf = createRules(new Map(Object.entries(rules)));
  const log = new AuditLog({
    ...{ writer: writer as unknown as LineWriter, key, now: () => 0, logger: silent, ruleOf },
  });
  log.record({ requestId: 'r', tool, arguments: args, outcome: 'ok', durationMs: 1, resultBytes: 1 });
  return line;
}
const recorded = (args: unknown, rule: RecordingRule, tool: string | undefined = 't', key = KEY) =>
  JSON.parse(lineOf(tool, args, { t: rule }, key)).arguments;

const NAMES = ['id', 'text', 'note'];
const HASH = /^hmac-sha256:[0-9a-f]{32}$/;

describe('arguments in the audit record', () => {
  test('are in full by default, by name, or not at all', () => {
    const args = { id: 'c-1', text: 'hello', note: 'private' };
    expect(recorded(args, ruleOf(undefined, NAMES))).toEqual(args);
    expect(recorded(args, ruleOf('none', NAMES))).toEqual({});
    expect(recorded(args, ruleOf({ id: 'hashed', note: 'none' }, NAMES))).toEqual({
      id: expect.stringMatching(HASH),
      text: 'hello',
    });
    expect(recorded(args, ruleOf({ '*': 'none', text: 'full' }, NAMES))).toEqual({ text: 'hello' });
  });

  test('that are hashed can be compared, whatever the order of members, and computed with the key', () => {
    const rule = ruleOf('hashed', ['a', 'b']);
    const { a, b } = recorded({ a: { x: 1, y: [2] }, b: { y: [2], x: 1 } }, rule);
    expect(a).toBe(b);
    expect(recorded({ a: { x: 1, y: [3] } }, rule).a).not.toBe(a);
    const other = createSecretKey(Buffer.from('o'.repeat(32)));
    expect(recorded({ a: { x: 1, y: [2] } }, rule, 't', other).a).not.toBe(a);
    // As docs/tools.md says.
    const key = createHmac('sha256', KEY).update('hardened-mcp argument').digest();
    const hash = createHmac('sha256', key).update(JSON.stringify('c-1')).digest('hex').slice(0, 32);
    expect(recorded({ a: 'c-1' }, rule).a).toBe(`hmac-sha256:${hash}`);
  });

  test('of different kinds have different hashes', () => {
    const rule = ruleOf('hashed', ['a']);
    const values = [1, '1', [1], ['1'], { 1: 1 }, [[1]], [['1', 1]], null, 'null', true, '', [], {}];
    const hashes = new Set(values.map((a) => recorded({ a }, rule).a));
    expect(hashes.size).toBe(values.length);
  });

  test('that the tool does not know follow its strictest rule, and their names too', () => {
    const args = { text: 'hello', '4111 1111': 'x', ids: 'c-1' };
    expect(recorded(args, ruleOf({ id: 'none' }, NAMES))).toEqual({ text: 'hello' });
    expect(recorded(args, ruleOf({ id: 'hashed' }, NAMES))).toEqual({
      text: 'hello',
      '…': expect.stringMatching(HASH),
    });
    expect(recorded(args, ruleOf(undefined, NAMES))).toMatchObject({ ids: 'c-1' });
  });

  test.each([[['c-1']], ['c-1'], [7]])('that are no object follow it too: %j', (args) => {
    expect(recorded(args, ruleOf({ id: 'none' }, NAMES))).toBeUndefined();
    expect(recorded(args, ruleOf({ id: 'hashed' }, NAMES))).toMatch(HASH);
  });

  test.each([undefined, 'T', 't ', 'another', '__proto__', 'constructor'])(
    'of the unknown tool %j follow the strictest rule of all tools: it may be misspelled',
    (tool) => {
      const line = (rules: Record<string, RecordingRule>) => lineOf(tool, { id: 'c-1' }, rules);
      expect(line({ t: ruleOf({ id: 'none' }, NAMES), u: ruleOf() })).not.toContain('c-1');
      expect(line({ t: ruleOf({ id: 'hashed' }, NAMES), u: ruleOf() })).not.toContain('c-1');
      expect(line({ t: ruleOf(), u: ruleOf() })).toContain('c-1');
    },
  );

  test('too deep or too large to hash leave a record within its bound', () => {
    let deep: unknown = 'c-1';
    for (let level = 0; level < 9000; level++) deep = [deep];
    expect(recorded({ id: deep }, ruleOf('hashed', NAMES)).id).toMatch(HASH);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`argument${i}`, i]));
    const line = lineOf('t', many, { t: ruleOf('hashed', Object.keys(many)) });
    expect(Buffer.byteLength(line)).toBeLessThan(MAX_RECORD_BYTES);
    expect(JSON.parse(line).arguments).toEqual({ truncated: true, bytes: expect.any(Number) });
  });

  test('that are hashed are no hash of the chain, so that no client has a record signed', () => {
    const forged = '{"type":"audit","time":"1970-01-01T00:00:00.000Z","seq":1,"prev":"x"}';
    const hash = recorded({ a: forged }, ruleOf('hashed', ['a'])).a.slice('hmac-sha256:'.length);
    const chain = createHmac('sha256', KEY).update(forged).digest('hex');
    const quoted = createHmac('sha256', KEY).update(JSON.stringify(forged)).digest('hex');
    expect([chain, quoted].map((each) => each.slice(0, 32))).not.toContain(hash);
  });
});

test('no value of a hashed or omitted argument reaches the line, which stays valid', () => {
  // Letters that no other member of a line has in this order, with characters that JSON escapes.
  const secret = fc
    .tuple(fc.string({ unit: fc.constantFrom(...'qzQZ"\\\n é\u202e𝔘'), minLength: 5, maxLength: 20 }))
    .map(([text]) => `§${text}§`);
  const value = fc.oneof(
    secret,
    fc.array(secret, { minLength: 1, maxLength: 3 }),
    fc.dictionary(secret, secret, { minKeys: 1, maxKeys: 3 }),
    fc.record({ a: fc.array(fc.record({ b: secret })) }),
  );
  const strict = fc.constantFrom<Recording>('hashed', 'none');
  fc.assert(
    fc.property(
      fc.record({ id: value, text: fc.constant('plain'), note: value }),
      fc.record({ id: strict, note: strict }),
      fc.option(fc.dictionary(secret, value), { nil: {} }),
      fc.constantFrom('t', 'T', 'other', undefined),
      (args, record, unknown, tool) => {
        const line = lineOf(tool, { ...args, ...unknown }, { t: ruleOf(record, NAMES) });
        expect(line).not.toContain('§');
        expect(line).not.toContain('\\u00a7');
        expect(createChainCheck({ key: KEY }).add(line)).toBeUndefined();
      },
    ),
  );
});
