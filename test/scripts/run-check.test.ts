import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type Check, everyCheck, runChecks } from '../../scripts/run-check.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => void jest.restoreAllMocks());

const passing: Check = { name: 'suites', args: ['--version'] };
const failing: Check = { name: 'types', args: ['--noSuchOption'] };

test('a run whose checks succeed succeeds', async () => {
  expect(await runChecks([passing])).toBe(true);
  expect(printed).toMatch(/^\d+\.\d+\.\d+\nsuites: ok \(\d+\.\d s\)\n$/);
});

test('a check that fails makes the run fail with its output, and ends no other', async () => {
  expect(await runChecks([failing, passing])).toBe(false);
  expect(printed).toContain("Unknown compiler option '--noSuchOption'");
  expect(printed).toMatch(/^types: FAILED /m);
  expect(printed).toMatch(/^suites: ok /m);
  expect(printed).toMatch(/FAILED: types\n$/);
});

test('npm test runs every suite, the compiler and the linter of the whole repository', () => {
  expect(everyCheck()).toEqual([
    { name: 'suites', args: [], live: true },
    { name: 'types' },
    { name: 'lint', args: ['.'] },
  ]);
});
