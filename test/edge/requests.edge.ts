import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LISTENER_ATTRIBUTES } from '../../infra/constructs/edge/load-balancer-attributes.ts';
import { TIMEOUTS as EDGE_TIMEOUTS } from '../../infra/lib/timeouts.ts';
import { callOf } from '../service/support/start-app.ts';
import { until } from '../service/support/until.ts';
import { type Scene, startScene } from './support/scene.ts';
import type { SendOptions } from './support/send.ts';

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const FAILURES = 3;
/** Just before the edge would close an idle connection. */
const IDLE_MS = EDGE_TIMEOUTS.loadBalancerIdle.toMilliseconds() - 2000;

let scene: Scene;
let behindAnother: Scene;
/** Eight requests at once, then eight more when their connections have been idle for the maximum time. */
let late: Promise<{ statuses: number[]; before: string[]; after: string[] }>;

beforeAll(async () => {
  scene = await startScene({ authFailureLimitPerMinute: FAILURES });
  behindAnother = await startScene({ trustedHops: 2, authFailureLimitPerMinute: FAILURES });
  late = useAgainWhenIdle();
  late.catch(() => {});
}, 120_000);
afterAll(async () => {
  await scene.stop();
  await behindAnother.stop();
});

const post = (options: SendOptions = {}, at = scene) => at.send({ body: LIST, ...options });

/** The record of the next request. */
async function recordOf(options: SendOptions, at = scene): Promise<Record<string, unknown> | undefined> {
  const before = at.records().length;
  await post(options, at);
  await until(() => at.records().length > before);
  return at.records().at(-1);
}

describe('the address of a client', () => {
  const from = '127.0.0.5';
  test.each([
    ['nothing', undefined],
    ['one address', '203.0.113.9'],
    ['a list that ends with another', '203.0.113.9, 198.51.100.7'],
    ['an invalid text', 'unknown, , "[::1]:80"'],
  ])('is the one it connects from, whatever it writes: %s', async (_what, written) => {
    const record = await recordOf({ from, headers: { 'x-forwarded-for': written } });
    expect(record).toMatchObject({ sourceIp: from, outcome: 'ok' });
  });

  test('is the key for refused tokens: no client escapes or locks others out by writing another', async () => {
    const attacker = '127.0.0.6';
    const guess = (i: number) =>
      post({
        from: attacker,
        headers: { authorization: `Bearer guess-${i}-0123456789`, 'x-forwarded-for': `127.0.0.${7 + i}` },
      });
    const statuses = [];
    for (let i = 0; i < FAILURES + 2; i++) statuses.push((await guess(i)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await post({ from: '127.0.0.7' })).status).toBe(200);
  });

  test('is the one that the outer proxy saw if the stack trusts two, and no earlier entry', async () => {
    const port = behindAnother.edge.ports.outer;
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect(await recordOf({ port, from, headers }, behindAnother)).toMatchObject({ sourceIp: from });
    const guess = { ...headers, authorization: 'Bearer guess-0123456789-0123' };
    const statuses = [];
    for (let i = 0; i < FAILURES + 1; i++)
      statuses.push((await post({ port, from: '127.0.0.6', headers: guess }, behindAnother)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await post({ port, from: '127.0.0.7', headers }, behindAnother)).status).toBe(200);
  });
});

describe('headers of an answer', () => {
  test.each([
    ['an answer of the service', {}, 200],
    ['a refusal of the service', { headers: { authorization: undefined } }, 401],
    ['an answer of the edge', { path: '/healthz', method: 'GET', body: '' }, 404],
  ])('%s has the security headers once, and does not name its software', async (_what, options, status) => {
    const answer = await post(options);
    expect(answer.status).toBe(status);
    const wanted = Object.entries(LISTENER_ATTRIBUTES).flatMap(([key, value]) => {
      const [, name = ''] = /^routing\.http\.response\.(\w+)\.header_value$/.exec(key) ?? [];
      return name === '' ? [] : [[name.replaceAll('_', '-'), value]];
    });
    expect(wanted).toHaveLength(4);
    expect(answer.headers).toMatchObject(Object.fromEntries(wanted));
    expect(answer.headers).not.toHaveProperty('server');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });
});

test.each(['/', '/healthz', '/mcp/', '/MCP', '/.well-known/oauth-protected-resource'])(
  'only the paths of the protocol reach the service, not %s',
  async (path) => {
    const before = scene.records().length;
    const { status, text } = await post({ path });
    expect([status, JSON.parse(text).error]).toEqual([404, 'not_found']);
    expect(scene.records()).toHaveLength(before);
  },
);

test('the Host that the client sent reaches the service, which refuses another', async () => {
  expect((await post({ headers: { host: 'other.example.com' } })).status).toBe(403);
  expect((await post({ headers: { host: `${scene.host}:443` } })).status).toBe(200);
});

test('a call with its own answer passes completely', async () => {
  const { status, text } = await post({
    body: callOf('fetch_page', { url: 'https://not-allowed.example/' }),
  });
  expect(status).toBe(200);
  expect(text).toContain('This URL may not be fetched from here');
});

async function useAgainWhenIdle() {
  const eight = () => Promise.all(Array.from({ length: 8 }, () => behindAnother.send({ body: LIST })));
  await eight();
  const before = connectionsTo(behindAnother.servicePort);
  await sleep(IDLE_MS, undefined, { ref: false });
  const statuses = (await eight()).map(({ status }) => status);
  return { statuses, before, after: connectionsTo(behindAnother.servicePort) };
}

/** Local ports of the established connections to a port, from Linux. */
function connectionsTo(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return [...readFileSync('/proc/net/tcp', 'utf8').matchAll(/: 0100007F:(\w{4}) 0100007F:(\w{4}) 01 /g)]
    .filter(([, , remote]) => remote === hex)
    .map(([, local]) => local ?? '')
    .sort();
}

test('a connection to the service that was idle up to the edge’s limit serves the next request', async () => {
  const { statuses, before, after } = await late;
  expect(statuses).toEqual(Array(8).fill(200));
  expect(before.length).toBeGreaterThan(1);
  expect(after).toEqual(expect.arrayContaining(before));
}, 90_000);
