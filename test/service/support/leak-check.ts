import { afterAll } from '@jest/globals';
import { leaks } from './leaks.ts';

const MAX_TOLD = 20;

/** Runs after the tests of every file, before the file's own last hooks. */
afterAll(async () => {
  const findings = await leaks.findings();
  if (findings.length > 0) {
    const told = findings.slice(0, MAX_TOLD).join('\n');
    throw new Error(`secrets of these tests are in their output (${findings.length}):\n${told}`);
  }
}, 30_000);
