import { afterEach, describe, expect, test } from '@jest/globals';
import { examine } from '../../../doctor/examine.ts';
import { TOKENS } from '../../service/support/tokens.ts';
import type { Defects } from './defects.ts';
import { type ServerUnderTest, startWellBehaved } from './well-behaved.ts';

/** Starts a server for each defect and holds the doctor to find exactly that. */
export function findsEach(defects: Defects): void {
  describe('a server with one defect', () => {
    let server: ServerUnderTest | undefined;
    afterEach(() => server?.stop());

    test.each(Object.entries(defects))(
      '%s fails, with evidence, and nothing else does',
      async (id, defect) => {
        const made = typeof defect === 'function' ? await defect() : defect;
        server = await startWellBehaved(made);
        const { url, ca, httpPort } = server;
        const { findings } = await examine(url, {
          ...{ ca, httpPort, token: TOKENS.alice, expiredToken: TOKENS.expired, patienceMs: 2500 },
          ...made.options,
        });
        const failures = findings.filter(({ outcome }) => outcome === 'failed');
        expect(failures.map((finding) => `${finding.id}: ${finding.evidence}`)).toEqual([
          expect.stringMatching(new RegExp(`^${id}: .{3,}`)),
        ]);
      },
    );
  });
}
