import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { callOf } from '../service/support/start-app.ts';
import { entry } from '../service/support/tokens.ts';
import { until } from '../service/support/until.ts';
import { type FaultServer, figure, LIST, startServer, TOKEN } from './support/server.ts';

const DAY = 86_400_000;
const HOUR_TOKEN = 'hour-token-0123456789-abcdefghijkl';
const LIMITED = 'limited-token-0123456789-abcdefghi';
const LIMIT = 5;
const DEADLINE_MS = 1500;

/** A page that never answers. */
let page: Server;
let asked = 0;
let store: SecretsManagerStandIn;
let server: FaultServer;

beforeAll(async () => {
  page = createServer((socket) => {
    asked += 1;
    socket.on('error', () => {}).resume();
  }).listen(0, '127.0.0.1');
  await once(page, 'listening');
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  store = await startSecretsManager({
    'mcp/tokens': JSON.stringify({
      tokens: [
        entry(TOKEN, 'ci', ['scrape']),
        entry(LIMITED, 'limited', ['scrape']),
        entry(HOUR_TOKEN, 'hour', ['scrape'], inAnHour),
      ],
    }),
  });
  server = await startServer({
    MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/tokens',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    MCP_CLIENT_LIMIT_PER_MINUTE: String(LIMIT),
    SCRAPE_ALLOWED_DOMAINS: '*',
    SCRAPE_TIMEOUT_MS: String(DEADLINE_MS),
    FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (page.address() as AddressInfo).port }),
  });
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  page.close();
  await store.close();
});

const ask = (token: string) => server.post(LIST, { token });
const statuses = async (token: string, times: number) => {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push((await ask(token)).status);
  return all;
};

test('the wall clock jumps: tokens follow it, while limits, deadlines, caches and the chain do not', async () => {
  expect(await statuses(HOUR_TOKEN, 1)).toEqual([200]);
  expect(await statuses(LIMITED, 3)).toEqual([200, 200, 200]);
  const reads = store.reads();

  const call = server.post(callOf('fetch_page', { url: 'http://page.example.com/' }));
  await until(() => asked === 1);
  await server.setClock({ wall: DAY });
  expect(await statuses(LIMITED, 3)).toEqual([200, 200, 429]);
  expect(store.reads()).toBe(reads);
  const expired = await ask(HOUR_TOKEN);
  expect([expired.status, expired.said]).toEqual([401, 401]);
  expect(await server.recordsOf(expired.requestId)).toMatchObject([
    { outcome: 'denied', errorCode: 'token_invalid', reason: expect.stringContaining('hour expired') },
  ]);
  const timedOut = await call;
  expect(timedOut.ms).toBeGreaterThanOrEqual(DEADLINE_MS - 50);
  expect(timedOut.ms).toBeLessThan(DEADLINE_MS + 1000);
  const [record] = await server.recordsOf(timedOut.requestId);
  expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'deadline_exceeded' });
  expect(Math.abs(Number(record?.['durationMs']) - timedOut.ms)).toBeLessThan(500);

  await server.setClock({ wall: -2 * DAY });
  expect(await statuses(HOUR_TOKEN, 1)).toEqual([200]);
  const limited = await ask(LIMITED);
  expect(limited.status).toBe(429);
  expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60);
  const [late] = await server.recordsOf(limited.requestId);
  expect(late).toMatchObject({ outcome: 'rate_limited', errorCode: 'client_rate_limited' });

  await server.setClock({ monotonic: 61_000 });
  expect(await statuses(LIMITED, 1)).toEqual([200]);
  const records = server.records();
  const backwards = records.filter(({ time }, i) => i > 0 && String(time) < String(records[i - 1]?.['time']));
  expect(backwards).toHaveLength(1);
  expect(
    records.filter(({ durationMs }) => !(Number(durationMs) >= 0 && Number(durationMs) < 10_000)),
  ).toEqual([]);
  const afterwards = await server.healthy();
  figure('clock jumps a day forward, then two back', {
    client: 'expired token 401, then 200; limit 429 throughout, Retry-After 60 s at most; deadline as before',
    deadlineMs: timedOut.ms,
    retryAfterS: Number(limited.headers['retry-after']),
    audit: `denied token_invalid, rate_limited, timeout; chain of ${records.length} holds`,
    afterwards,
  });
});
