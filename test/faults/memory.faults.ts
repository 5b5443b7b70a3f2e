import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callOf } from '../service/support/start-app.ts';
import { entry } from '../service/support/tokens.ts';
import { countOf, startLoad } from './support/load.ts';
import {
  buildForFaults,
  checkChain,
  type FaultServer,
  figure,
  LIST,
  startServer,
  TOKEN,
} from './support/server.ts';

/** The smallest task: `dev` has 512 MiB, of which Node gives half to its heap. */
const TASK_KIB = 512 * 1024;
const HEAP_MIB = 256;
const MAX_BODY = 256 * 1024;

const HEAVY = '<div><a href="/x">word</a> <b>word</b></div>';
const clients = ['one', 'two', 'three', 'four'].map(
  (id) => [id, `${id}-token-0123456789-abcdefghijklmn`] as const,
);

/** A page as large as pages may be, of as many elements as they may have. */
let page: Server;
let server: FaultServer;

buildForFaults();
beforeAll(async () => {
  const body = `<title>x</title>${HEAVY.repeat(3000)}`.padEnd(1024 * 1024, ' word');
  page = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(page, 'listening');
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(() => void page.close());

const start = (heapMiB: number, more: Record<string, string> = {}) =>
  startServer(
    {
      TOKENS: JSON.stringify({
        tokens: [
          entry(TOKEN, 'ci', ['scrape']),
          ...clients.map(([id, token]) => entry(token, id, ['scrape'])),
        ],
      }),
      SCRAPE_ALLOWED_DOMAINS: '*',
      FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
      FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (page.address() as AddressInfo).port }),
      ...more,
    },
    { node: [`--max-old-space-size=${heapMiB}`] },
  );

/** As many small objects as a body has room for. */
const largest = callOf('scrape_url', {
  url: 'x',
  more: Array.from({ length: MAX_BODY / 4 - 100 }, () => ({})).slice(0, 80_000),
});
const scrape = callOf('scrape_url', { url: 'http://page.example.com/', format: 'markdown' });

test('a flood of the largest bodies and pages that the limits allow stays within the smallest task', async () => {
  server = await start(HEAP_MIB);
  await server.healthy();
  const before = server.memory().now;
  const begun = performance.now();
  const loads = clients.flatMap(([, token]) => [
    startLoad(server.port, { workers: 60, message: () => scrape, token, times: 60 }),
    startLoad(server.port, { workers: 60, message: () => largest, token, times: 60 }),
  ]);
  await Promise.all(loads.map(({ ended }) => ended));
  const ms = Math.round(performance.now() - begun);
  const answers = loads.flatMap((load) => load.answers);
  const counts = countOf(answers.map(({ status }) => status));
  expect(loads.flatMap(({ broken }) => broken)).toEqual([]);
  // Whoever finds too many before him is told to come again; nobody is cut off.
  expect(Object.keys(counts).filter((status) => !['200', '429', '503'].includes(status))).toEqual([]);
  expect(counts['200']).toBeGreaterThan(100);
  const { most } = server.memory();
  expect(most).toBeLessThan(TASK_KIB);
  const outcomes = countOf(
    server.records().map(({ outcome, errorCode }) => `${outcome} ${errorCode ?? ''}`.trim()),
  );
  const afterwards = await server.healthy();
  figure('flood of the largest bodies and pages', {
    client: `${JSON.stringify(counts)} in ${ms} ms`,
    beforeKiB: before,
    mostKiB: most,
    taskKiB: TASK_KIB,
    audit: JSON.stringify(outcomes),
    afterwards,
  });
}, 180_000);

test('a heap that is too small ends the process at once; the chain holds to its last record, the next task serves', async () => {
  server = await start(24);
  for (let sent = 0; sent < 5; sent++) await server.post(LIST);
  const load = startLoad(server.port, { workers: 60, message: () => scrape, times: 60 });
  await load.ended;
  const exit = await server.exited(60_000);
  expect(exit).toBe('SIGABRT');
  expect(server.stderr()).toMatch(/heap out of memory/);
  const text = server.stdout();
  expect(checkChain(text)).toBeUndefined();
  const records = server.records().length;
  const dead = server;
  server = await start(HEAP_MIB);
  const afterwards = await server.healthy();
  figure('memory limit reached', {
    client: `${JSON.stringify(countOf(load.answers.map(({ status }) => status)))}, then ${JSON.stringify(countOf(load.broken))}`,
    exit,
    lastGoodSeq: dead.records().at(-1)?.['seq'],
    audit: `chain holds to ${records}`,
    afterwards: `next task: ${afterwards}`,
  });
}, 120_000);
