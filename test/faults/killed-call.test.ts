import { createSecretKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import { callOf } from '../service/support/start-app.ts';
import { until } from '../service/support/until.ts';
import { type LoopbackServer, startServer as startPage } from '../support/network.ts';
import { AUDIT_KEY, checkChain, figure, LIST, startServer } from './support/server.ts';

const HOSTS = ['first.example.com', 'second.example.com', 'third.example.com'];

/** A page that answers on one host, and keeps its reader waiting on the others. */
let page: LoopbackServer;
const reached = new Set<string>();

beforeAll(async () => {
  page = await startPage(({ headers: { host = '' } }, response) => {
    reached.add(host);
    if (host === 'quick.example.com') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  });
});
afterAll(() => page.close());

test('SIGKILL in the middle of scrapes: each has its line, and the lack of a record shows that it did not end', async () => {
  const address = '93.184.216.34';
  const server = await startServer({
    SCRAPE_ALLOWED_DOMAINS: '*',
    FAULT_NAMES: JSON.stringify(
      Object.fromEntries([...HOSTS, 'quick.example.com'].map((host) => [host, [[address]]])),
    ),
    FAULT_HOSTS: JSON.stringify({ [address]: page.port }),
  });
  const scrape = (host: string) => server.post(callOf('fetch_page', { url: `http://${host}/@x` }));
  const quick = await scrape('quick.example.com');
  const list = await server.post(LIST);
  const running = HOSTS.map((host) => scrape(host).catch(() => 'cut off'));
  await until(() => HOSTS.every((host) => reached.has(host)));
  // A line reaches the operating system within one write of the log; a connection takes longer.
  await sleep(50);
  server.child.kill('SIGKILL');
  expect(await server.exited()).toBe('SIGKILL');
  await Promise.all(running);

  const lines = server
    .stderr()
    .split('\n')
    .filter((line) => line.includes('"event":"call_started"'));
  const started = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ended = new Set(server.records().map(({ requestId }) => requestId));
  expect(ended).toEqual(new Set([quick.requestId, list.requestId]));
  const unfinished = started.filter(({ requestId }) => !ended.has(String(requestId)));
  expect(unfinished.map(({ host }) => host).toSorted()).toEqual(HOSTS);
  expect(unfinished.map(({ clientId, tool }) => `${clientId} ${tool}`)).toEqual(
    HOSTS.map(() => 'ci fetch_page'),
  );
  expect(started).toHaveLength(HOSTS.length + 1);
  expect(checkChain(server.stdout())).toBeUndefined();
  // The log group contains lines of both kinds; the chain check skips these.
  const check = createChainCheck({ key: createSecretKey(Buffer.from(AUDIT_KEY)) });
  for (const line of lines) expect(check.add(line)).toBeUndefined();
  figure('SIGKILL in the middle of calls', {
    client: `${HOSTS.length} calls cut off`,
    audit: `${ended.size} records, chain holds; ${unfinished.length} calls begun without one, each with client, tool and host`,
  });
}, 60_000);
