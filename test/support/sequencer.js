import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * First a suite that compares the time of regular expressions: V8 optimizes no more of them once the machine code of all
 * has taken 1 MiB, and that of the process 16 MiB. Then the suites that take longest, the longest first: one of them that
 * starts last keeps a worker alone. Jest knows durations only from a run before on the same machine. The third makes the
 * templates that the suites of `infra/` share, so that no other worker waits for them.
 */
const FIRST = JSON.parse(readFileSync(new URL('slowest.json', import.meta.url), 'utf8')).map((path) =>
  resolve(import.meta.dirname, '../..', path),
);

for (const path of FIRST) if (!existsSync(path)) throw new Error(`there is no ${path} to start first`);

export default class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
}
