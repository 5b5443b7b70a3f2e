import { afterEach, describe, expect, test } from '@jest/globals';
import { ALL_CHECKS } from '../../doctor/all-checks.ts';
import { examine } from '../../doctor/examine.ts';
import type { Probe } from '../../doctor/probe.ts';
import { TOKENS } from '../service/support/tokens.ts';
import { CONNECTION_DEFECTS } from './support/connection-defects.ts';
import { MESSAGE_DEFECTS } from './support/message-defects.ts';
import { REQUEST_DEFECTS } from './support/request-defects.ts';
import { type ServerUnderTest, startWellBehaved } from './support/well-behaved.ts';

const DEFECTS = { ...CONNECTION_DEFECTS, ...REQUEST_DEFECTS, ...MESSAGE_DEFECTS };
/** Only a server in a network can have it, and tests send to loopback alone. */
const OF_NETWORKS = 'tls/encrypted';

describe('a server with one defect', () => {
  let server: ServerUnderTest | undefined;
  afterEach(() => server?.stop());

  test.each(Object.entries(DEFECTS))('%s fails, with evidence, and nothing else does', async (id, defect) => {
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
  });
});

test('an endpoint reached by http over a network fails', async () => {
  const check = ALL_CHECKS.find(({ id }) => id === OF_NETWORKS);
  const target = { secure: false, loopback: false };
  expect(await check?.run({ target } as Probe)).toEqual({ outcome: 'failed', evidence: 'the URL is http' });
});

test('every check has a defect that it must find', () => {
  expect([...Object.keys(DEFECTS), OF_NETWORKS].sort()).toEqual(ALL_CHECKS.map(({ id }) => id).sort());
});
