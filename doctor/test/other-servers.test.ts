import { expect, test } from '@jest/globals';
import { startStockServer } from '../../test/service/support/stock-server.ts';
import { examine, type Report } from '../src/examine.ts';
import { startSessionServer } from './support/session-server.ts';

const PATIENCE = { patienceMs: 500 };
const failures = ({ findings }: Report) =>
  findings.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
const doubts = ({ findings }: Report) =>
  findings.filter(({ outcome }) => outcome === 'inconclusive').map(({ id }) => id);

test('a server with sessions and event streams is checked, and the doctor ends its sessions', async () => {
  const server = await startSessionServer();
  const report = await examine(server.url, { ...PATIENCE, callTools: true });
  expect(server.opened()).toBeGreaterThan(3);
  expect(server.sessions()).toBe(0);
  server.stop();
  expect(report.notes).toContain('The server supports 2025-11-25 (handshake) and lists 1 tool.');
  expect(doubts(report)).toEqual([]);
  expect(failures(report)).toEqual([
    ...[
      'headers/nosniff',
      'authentication/missing-token',
      'origin/foreign',
      'origin/lookalike',
      'host/ambiguous',
    ],
    ...['bodies/unfinished', 'json-rpc/parse-error', 'json-rpc/encoding', 'eras/current'],
    ...['ssrf/addresses', 'ssrf/schemes', 'leakage/stack-traces', 'leakage/paths', 'leakage/versions'],
  ]);
  const sessions = report.findings.find(({ id }) => id === 'eras/session-ids');
  expect(sessions).toMatchObject({ outcome: 'pass', evidence: expect.stringContaining('36 characters') });
});

test('the doctor finds the gaps in the SDK’s default helpers', async () => {
  const server = await startStockServer();
  const report = await examine(server.url, { ...PATIENCE, callTools: true, token: 'any-token-at-all' });
  server.stop();
  expect(report.notes).toContain('The server supports 2026-07-28, 2025-11-25 (handshake) and lists 1 tool.');
  expect(doubts(report)).toEqual([]);
  expect(failures(report)).toEqual([
    ...['headers/nosniff', 'headers/no-store', 'authentication/bad-token', 'authentication/forged-token'],
    ...['metadata/resource', 'origin/foreign', 'origin/lookalike', 'host/ambiguous', 'bodies/unfinished'],
    ...['json-rpc/parse-error', 'json-rpc/encoding', 'leakage/stack-traces', 'leakage/paths'],
    ...['leakage/internal-addresses', 'leakage/versions'],
  ]);
});
