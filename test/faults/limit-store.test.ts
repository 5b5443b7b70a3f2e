import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { until } from '../service/support/until.ts';
import { startValkeyStandIn, type ValkeyStandIn } from '../service/support/valkey-stand-in.ts';
import { type Gate, startGate } from './support/gate.ts';
import { type FaultServer, figure, LIST, startServer } from './support/server.ts';

/** The same with a real server, eight processes and exact counts: test/valkey/eight-processes.valkey.ts. */

let directory: string;
let store: ValkeyStandIn;
let gate: Gate;
let server: FaultServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-limits-'));
  const tls = await createStoreCertificate();
  writeFileSync(join(directory, 'ca.pem'), tls.cert);
  store = await startValkeyStandIn();
  gate = await startGate(store.port, tls);
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(async () => {
  await gate.down();
  await store.close();
  rmSync(directory, { recursive: true });
});

/** The fault, how long the first request then waits, and how the log names it. */
const FAULTS = {
  'refuses connections': { happen: () => gate.down(), waitMs: 0, cause: '' },
  // The timeout of service/limits/valkey-connection.ts.
  'never answers': { happen: async () => gate.mute(), waitMs: 250, cause: 'did not answer within 250 ms' },
};

test.each([
  ['deny', 'refuses connections', 503],
  ['deny', 'never answers', 503],
  ['allow', 'refuses connections', 200],
  ['allow', 'never answers', 200],
] as const)('a rate limit store with failure %s that %s', async (failure, what, status) => {
  await gate.up();
  server = await startServer({
    MCP_RATE_LIMIT_STORE: `rediss://localhost:${gate.port}`,
    MCP_RATE_LIMIT_STORE_FAILURE: failure,
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
  });
  await server.healthy();
  const { happen, waitMs, cause } = FAULTS[what];
  await happen();
  const first = await server.post(LIST);
  const second = await server.post(LIST);
  expect([first.status, second.status]).toEqual([status, status]);
  expect(first.ms).toBeGreaterThanOrEqual(waitMs - 10);
  expect(first.ms).toBeLessThan(waitMs + 750);
  // The outage is known: no request waits for the store again.
  expect(second.ms).toBeLessThan(200);
  const closed = failure === 'deny';
  expect(second.headers['retry-after']).toBe(closed ? '5' : undefined);
  expect(await server.recordsOf(second.requestId)).toMatchObject([
    closed ? { outcome: 'error', errorCode: 'limits_unavailable' } : { outcome: 'ok' },
  ]);
  await server.says(
    new RegExp(`"level":"error","event":"rate_limit_store_down".*"failure":"${failure}".*${cause}`),
  );
  gate.become();
  await gate.up();
  await server.says(/"event":"rate_limit_store_up"/);
  const commands = store.commands.length;
  const afterwards = await server.healthy();
  await until(() => store.commands.length > commands);
  figure(`store of limits ${what}, configured ${failure}`, {
    client: status,
    firstMs: first.ms,
    secondMs: second.ms,
    audit: closed ? 'error limits_unavailable' : 'ok',
    log: 'rate_limit_store_down, rate_limit_store_up',
    afterwards,
  });
});
