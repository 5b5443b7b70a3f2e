import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createChainCheck, GENESIS, hashOf, withHash } from '../../../service/logging/audit-chain.ts';

const key = createSecretKey(Buffer.from('k'.repeat(32)));

/** The records of one process. */
function chain(length: number, by: string, signedWith = key): string[] {
  const lines: string[] = [];
  let prev = GENESIS;
  for (let seq = 1; seq <= length; seq++) {
    const record = JSON.stringify({ type: 'audit', seq, requestId: `${by}-${seq}`, outcome: 'ok', prev });
    prev = hashOf(record, signedWith);
    lines.push(withHash(record, prev));
  }
  return lines;
}

/** The first problem, as `index: problem`. */
function firstProblem(lines: readonly string[], options: { begun?: number } = {}): string | undefined {
  const check = createChainCheck({ key, ...options });
  for (const [index, line] of lines.entries()) {
    const problem = check.add(line);
    if (problem !== undefined) return `${index}: ${problem}`;
  }
  return undefined;
}

const good = chain(6, 'a');
const [first = '', second = '', third = ''] = good;

describe('a chain of audit records', () => {
  test('is valid as written, among other lines and those of other processes', () => {
    const other = chain(6, 'b');
    const mixed = good.flatMap((line, index) => [line, '{"type":"log","event":"x"}', '', other[index] ?? '']);
    expect(firstProblem(mixed)).toBeUndefined();
    const check = createChainCheck({ key });
    for (const line of mixed) check.add(line);
    expect(check.records).toBe(12);
  });

  test.each([
    ['changed', good.with(2, third.replace('"ok"', '"denied"')), '2: this record was changed'],
    ['cut off', good.with(2, third.slice(0, -3)), '2: this is not a complete record'],
    ['taken away', good.toSpliced(2, 1), '2: the record before 4 is missing'],
    ['taken away at the start', good.slice(1), '0: the record before 2 is missing'],
    ['doubled', good.toSpliced(3, 0, third), '3: record 3 is there twice'],
    ['swapped', [first, third, second], '1: the record before 3 is missing'],
    [
      'of another key',
      [first, ...chain(2, 'c', createSecretKey(Buffer.from('x'.repeat(32))))],
      '1: this record was',
    ],
    ['replaced by any text', good.with(1, 'hello'), '1: this is not a complete record'],
  ])('a record that is %s is named', (_how, lines, problem) => {
    expect(firstProblem(lines)).toMatch(problem);
  });

  test('a second record with the same predecessor is named, even if the key signed it', () => {
    const record = JSON.stringify({ type: 'audit', seq: 2, outcome: 'ok', prev: JSON.parse(first).hash });
    const forked = withHash(record, hashOf(record, key));
    expect(firstProblem([first, second, forked])).toBe(
      '2: record 2 has the same predecessor as another record',
    );
  });

  test('a wrong number is named', () => {
    const record = JSON.stringify({ type: 'audit', seq: 7, outcome: 'ok', prev: JSON.parse(first).hash });
    expect(firstProblem([first, withHash(record, hashOf(record, key))])).toBe(
      '1: record 7 is in the place of record 2',
    );
  });

  test('an extract may begin anywhere, and has no other gap', () => {
    expect(firstProblem(good.slice(3), { begun: 1 })).toBeUndefined();
    expect(firstProblem(good.toSpliced(4, 1).slice(2), { begun: 1 })).toBe(
      '2: the record before 6 is missing',
    );
  });
});
