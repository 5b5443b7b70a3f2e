import { describe, expect, test } from '@jest/globals';
import { type Run, Runs } from '../../../functions/audit-check/runs.ts';
import { GENESIS, type SignedRecord } from '../../../service/logging/audit-chain.ts';
import { fc } from '../../support/property.ts';

/** The records of a task; only what links them matters here. */
function chain(length: number): SignedRecord[] {
  const hash = (seq: number) => String(seq).padStart(64, 'a');
  return Array.from({ length }, (_, index) => ({
    seq: index + 1,
    prev: index === 0 ? GENESIS : hash(index),
    hash: hash(index + 1),
  }));
}

function runsOf(records: readonly SignedRecord[]): { runs: readonly Run[]; problems: string[] } {
  const runs = new Runs();
  const problems = records.flatMap((record) => runs.add(record) ?? []);
  return { runs: runs.all, problems };
}

const LENGTH = 60;
const records = chain(LENGTH);
const inAnyOrder = fc.shuffledSubarray(records, { minLength: LENGTH });

describe('the records of a task in any order', () => {
  test('are one run when they are complete', () => {
    fc.assert(
      fc.property(inAnyOrder, (given) => {
        const { runs, problems } = runsOf(given);
        expect(problems).toEqual([]);
        expect(runs).toEqual([{ first: 1, prev: GENESIS, last: LENGTH, hash: records.at(-1)?.hash }]);
      }),
    );
  });

  test('are as many runs as there are gaps, and one more', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: 1 }), (given) => {
        const { runs, problems } = runsOf(given);
        const numbers = given.map(({ seq }) => seq).sort((a, b) => a - b);
        const starts = numbers.filter((seq) => !numbers.includes(seq - 1));
        expect(problems).toEqual([]);
        expect(runs.map(({ first }) => first)).toEqual(starts);
      }),
    );
  });

  test('show any record that is there twice', () => {
    fc.assert(
      fc.property(inAnyOrder, fc.constantFrom(...records), fc.nat(LENGTH), (given, copied, at) => {
        expect(runsOf(given.toSpliced(at, 0, copied)).problems).toEqual([
          `record ${copied.seq} is there twice`,
        ]);
      }),
    );
  });

  test('show any record that does not belong to them', () => {
    fc.assert(
      fc.property(inAnyOrder, fc.integer({ min: 2, max: LENGTH - 1 }), (given, seq) => {
        const foreign = { seq, prev: 'b'.repeat(64), hash: 'c'.repeat(64) };
        const { problems } = runsOf(given.map((record) => (record.seq === seq ? foreign : record)));
        expect(problems.length).toBeGreaterThan(0);
        for (const problem of problems) expect(problem).toMatch(/^record \d+ does not follow record \d+$/);
      }),
    );
  });
});

test.each([
  [{ seq: 1, prev: 'b'.repeat(64) }, 'record 1 has a record before it'],
  [{ seq: 7, prev: GENESIS }, 'record 7 has none before it'],
])('a record whose number does not fit its predecessor is named: %p', (record, problem) => {
  expect(new Runs().add({ hash: 'c'.repeat(64), ...record })).toBe(problem);
});

test('gaps are kept up to a number', () => {
  const runs = new Runs();
  const problems = chain(4000)
    .filter(({ seq }) => seq % 2 === 1)
    .flatMap((record) => runs.add(record) ?? []);
  expect(problems[0]).toBe('there are more than 1000 gaps before record 2001');
  expect(runs.all).toHaveLength(1000);
});

test('runs of two parts of the log are joined, and must follow each other', () => {
  const [whole] = runsOf(records).runs;
  const [first] = runsOf(records.slice(0, 20)).runs;
  const [second] = runsOf(records.slice(20)).runs;
  const joined = new Runs();
  for (const run of [second, first]) expect(joined.addRun(run as Run)).toBeUndefined();
  expect(joined.all).toEqual([whole]);
  expect(joined.addRun(second as Run)).toBe('record 21 is there twice');
  const other = new Runs();
  other.addRun(first as Run);
  expect(other.addRun({ ...(second as Run), prev: 'b'.repeat(64) })).toBe(
    'record 21 does not follow record 20',
  );
});
