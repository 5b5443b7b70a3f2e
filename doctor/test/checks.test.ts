import { expect, test } from '@jest/globals';
import { ALL_CHECKS } from '../src/all-checks.ts';
import type { Probe } from '../src/probe.ts';
import { CONNECTION_DEFECTS } from './support/connection-defects.ts';
import { MESSAGE_DEFECTS } from './support/message-defects.ts';
import { REQUEST_DEFECTS } from './support/request-defects.ts';

/** Only a server in a network can have it, and tests send to loopback alone. */
const OF_NETWORKS = 'tls/encrypted';

test('every check has a defect that it must find', () => {
  const defects = { ...CONNECTION_DEFECTS, ...REQUEST_DEFECTS, ...MESSAGE_DEFECTS };
  expect([...Object.keys(defects), OF_NETWORKS].sort()).toEqual(ALL_CHECKS.map(({ id }) => id).sort());
});

test('an endpoint reached by http over a network fails', async () => {
  const check = ALL_CHECKS.find(({ id }) => id === OF_NETWORKS);
  const target = { secure: false, loopback: false };
  expect(await check?.run({ target } as Probe)).toEqual({ outcome: 'fail', evidence: 'the URL is http' });
});

test('every check says what it sends, how to mend it and where the duty stands', () => {
  for (const { id, title, sends, fix, reference } of ALL_CHECKS) {
    expect(id).toMatch(/^[a-z-]+\/[a-z-]+$/);
    for (const text of [title, sends, fix, reference]) expect(text).toMatch(/^\S.{5,}[^.\s]$/);
  }
});
