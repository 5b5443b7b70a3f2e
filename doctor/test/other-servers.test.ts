import { expect, test } from '@jest/globals';
import { startStockServer } from '../../test/service/support/stock-server.ts';
import { examine, type Report } from '../src/examine.ts';
import { startSessionServer } from './support/session-server.ts';
import { startSseServer } from './support/sse-server.ts';

const PATIENCE = { patienceMs: 500 };
const failures = ({ findings }: Report) =>
  findings.filter(({ outcome }) => outcome === 'fail').map(({ id, severity }) => `${id} ${severity}`);
const doubts = ({ findings }: Report) =>
  findings.filter(({ outcome }) => outcome === 'inconclusive').map(({ id }) => id);

test('a server with sessions and event streams is checked, and the doctor ends its sessions', async () => {
  const server = await startSessionServer();
  const report = await examine(server.url, { ...PATIENCE, callTools: true });
  expect(server.opened()).toBeGreaterThan(3);
  expect(server.sessions()).toBe(0);
  server.stop();
  expect(report.notes).toContain('The server supports 2025-11-25 (handshake) and lists 1 tool.');
  // Its tool writes the URL down and connects to nothing.
  expect(doubts(report)).toEqual([]);
  expect(failures(report)).toEqual([
    ...['headers/nosniff low', 'authentication/missing-token high'],
    // It checks Host and sends no CORS headers.
    ...['origin/foreign medium', 'origin/lookalike medium', 'host/ambiguous medium'],
    ...['bodies/unfinished medium', 'json-rpc/parse-error low', 'json-rpc/encoding low', 'eras/current low'],
    ...['definitions/bounds low', 'definitions/arguments low'],
    ...['leakage/stack-traces medium', 'leakage/paths low', 'leakage/versions low'],
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
    ...['headers/nosniff low', 'headers/no-store low'],
    ...['authentication/bad-token high', 'authentication/forged-token high', 'metadata/resource medium'],
    // It always needs a bearer token, which a page does not know.
    ...['origin/foreign low', 'origin/lookalike low', 'host/ambiguous low', 'bodies/unfinished medium'],
    ...['json-rpc/parse-error low', 'json-rpc/encoding low', 'leakage/stack-traces medium'],
    ...['leakage/paths low', 'leakage/internal-addresses medium', 'leakage/versions low'],
  ]);
});

test.each([
  ['that is open', undefined, ['authentication/missing-token high', 'surface/old-transport low']],
  ['that needs a token', 'sse-token-0123456789', []],
])(
  'a server %s and speaks only the deprecated HTTP+SSE transport is checked',
  async (_what, token, expected) => {
    const server = await startSseServer(token);
    const only = ['authentication', 'origin', 'surface', 'json-rpc', 'bodies/content-type'];
    const report = await examine(server.url, { ...PATIENCE, token, only });
    server.stop();
    expect(report.notes).toContain('The server speaks the deprecated HTTP+SSE transport at this path.');
    expect(report.notes).toContain('The server supports 2025-11-25 (handshake) and lists 1 tool.');
    expect(doubts(report)).toEqual([]);
    const [origin] = token === undefined ? ['high'] : ['low'];
    const others = ['origin/foreign', 'origin/lookalike'].map((id) => `${id} ${origin}`);
    expect(failures(report).sort()).toEqual(
      [...expected, ...others, 'json-rpc/encoding low', 'json-rpc/parse-error low'].sort(),
    );
  },
);
