import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ALL_CHECKS } from '../src/all-checks.ts';
import { GROUPS } from '../src/groups.ts';
import type { Probe } from '../src/probe.ts';
import { CONNECTION_DEFECTS } from './support/connection-defects.ts';
import { MESSAGE_DEFECTS } from './support/message-defects.ts';
import { REQUEST_DEFECTS } from './support/request-defects.ts';

/** Needs a server on a network; the tests use only loopback. */
const NETWORK_ONLY = 'tls/encrypted';

test('every check has a defect that it must detect', () => {
  const defects = { ...CONNECTION_DEFECTS, ...REQUEST_DEFECTS, ...MESSAGE_DEFECTS };
  expect([...Object.keys(defects), NETWORK_ONLY].sort()).toEqual(ALL_CHECKS.map(({ id }) => id).sort());
});

test('an http endpoint on a network fails', async () => {
  const check = ALL_CHECKS.find(({ id }) => id === NETWORK_ONLY);
  const target = { secure: false, loopback: false };
  expect(await check?.run({ target } as Probe)).toEqual({ outcome: 'fail', evidence: 'the URL is http' });
});

test('every check describes its requests, the fix and the reference', () => {
  for (const { id, title, sends, fix, reference } of ALL_CHECKS) {
    expect(id).toMatch(/^[a-z-]+\/[a-z-]+$/);
    for (const text of [title, sends, fix, reference]) expect(text).toMatch(/^\S.{5,}[^.\s]$/);
  }
});

test('the README lists every group', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /^## What it checks$([\s\S]*?)^## /m.exec(readme) ?? [];
  const groups = [...table.matchAll(/`([a-z][a-z-]*)`/g)].map(([, group]) => group);
  expect(groups).toEqual(GROUPS);
});
