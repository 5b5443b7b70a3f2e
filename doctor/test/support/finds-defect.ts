import { beforeAll, describe, expect, test } from '@jest/globals';
import { TOKENS } from '../../../test/service/support/tokens.ts';
import { examine } from '../../src/examine.ts';
import type { Defect, Defects } from './defects.ts';
import { startWellBehaved } from './well-behaved.ts';

/** Servers in parallel. A run mostly waits until the server closes an unfinished request. */
const CONCURRENCY = 3;

/** Starts a server for each defect. The doctor must detect exactly that defect. */
export function findsEach(defects: Defects): void {
  describe('a server with one defect', () => {
    const found = new Map<string, Promise<string[]>>();
    beforeAll(() => {
      const lanes = Array.from({ length: CONCURRENCY }, () => Promise.resolve<unknown>(undefined));
      for (const [index, [id, defect]] of Object.entries(defects).entries()) {
        const lane = index % CONCURRENCY;
        const failures = (lanes[lane] as Promise<unknown>).then(() => failuresOf(defect));
        found.set(id, failures);
        lanes[lane] = failures.catch(() => {});
      }
    });

    test.each(Object.keys(defects))(
      '%s fails with evidence, and every other check passes or does not apply',
      async (id) => {
        expect(await found.get(id)).toEqual([expect.stringMatching(new RegExp(`^${id}: .{3,}`))]);
      },
    );
  });
}

/** IDs and evidence of the failed checks. */
async function failuresOf(defect: Defect | (() => Promise<Defect>)): Promise<string[]> {
  const made = typeof defect === 'function' ? await defect() : defect;
  const server = await startWellBehaved(made);
  try {
    const { url, ca, httpPort } = server;
    const { findings } = await examine(url, {
      ...{ ca, httpPort, token: TOKENS.alice, expiredToken: TOKENS.expired, patienceMs: 4000 },
      // Megabytes take long while other suites use the machine.
      timeoutMs: 30_000,
      ...made.options,
    });
    return findings
      .filter(({ outcome }) => outcome === 'fail')
      .map(({ id, evidence }) => `${id}: ${evidence}`);
  } finally {
    await server.stop();
  }
}
