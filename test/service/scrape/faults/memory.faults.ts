import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { countOf, startLoad } from '../../../faults/support/load.ts';
import { heapOptions, TASK_HEAP, TASK_KIB } from '../../../faults/support/smallest-task.ts';
import { callOf } from '../../support/start-app.ts';
import { entry } from '../../support/tokens.ts';
import { until } from '../../support/until.ts';
import {
  type Answered,
  checkChain,
  type FaultServer,
  figure,
  LIST,
  startServer,
  TOKEN,
} from './support/server.ts';

const MAX_BODY = 256 * 1024;
/** The largest body that is parsed before it has a slot. */
const SMALL_BODY = 16 * 1024;

const HEAVY = '<div><a href="/x">word</a> <b>word</b></div>';
const clients = ['one', 'two', 'three', 'four'].map(
  (id) => [id, `${id}-token-0123456789-abcdefghijklmn`] as const,
);

/** A page of the maximum size with the maximum number of elements. */
let page: Server;
let server: FaultServer;

beforeAll(async () => {
  const body = `<title>x</title>${HEAVY.repeat(3000)}`.padEnd(1024 * 1024, ' word');
  page = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(page, 'listening');
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(() => void page.close());

const start = (node: readonly string[], more: Record<string, string> = {}) =>
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
    { node },
  );

/** A call of about this size: the maximum number of empty objects, which become 25 times as large, and text. */
const objects = (bytes: number) => {
  const count = Math.min(9_900, Math.floor((bytes - 1300) / 3));
  return callOf('scrape_url', {
    url: 'x'.repeat(bytes - 1300 - 3 * count),
    more: Array.from({ length: count }, () => ({})),
  });
};
const scrape = callOf('scrape_url', { url: 'http://page.example.com/', format: 'markdown' });

/** Responses of an overloaded server, which ask the client to retry. No connection is cut off. */
const TOLD = ['200', '429', '503'];

test('a flood of the largest bodies and pages within the limits stays within the smallest task', async () => {
  const unlimited = { MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '100000' };
  server = await start(TASK_HEAP, unlimited);
  await server.healthy();
  const before = server.memory().now;
  const begun = performance.now();
  const largest = objects(MAX_BODY);
  const small = objects(SMALL_BODY);
  const loads = clients.flatMap(([, token]) => [
    startLoad(server.port, { workers: 60, message: () => scrape, token, times: 60 }),
    startLoad(server.port, { workers: 60, message: () => largest, token, times: 60 }),
    startLoad(server.port, { workers: 60, message: () => small, token, times: 300 }),
  ]);
  await Promise.all(loads.map(({ ended }) => ended));
  const ms = Math.round(performance.now() - begun);
  const answers = loads.flatMap((load) => load.answers);
  const counts = countOf(answers.map(({ status }) => status));
  expect(loads.flatMap(({ broken }) => broken)).toEqual([]);
  expect(Object.keys(counts).filter((status) => !TOLD.includes(status))).toEqual([]);
  expect(counts[200]).toBeGreaterThan(0);
  const { most } = server.memory();
  expect(most).toBeLessThan(TASK_KIB);
  await until(() => server.records().length === answers.length + 1);
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

test('so does a flood of bodies of the largest configurable size', async () => {
  const bytes = 4 * 1024 * 1024;
  server = await start(TASK_HEAP, { MCP_MAX_BODY_BYTES: String(bytes) });
  const body = objects(bytes);
  const begun = performance.now();
  const loads = clients.map(([, token]) =>
    startLoad(server.port, { workers: 30, message: () => body, token, times: 30 }),
  );
  await Promise.all(loads.map(({ ended }) => ended));
  const ms = Math.round(performance.now() - begun);
  const counts = countOf(loads.flatMap(({ answers }) => answers.map(({ status }) => status)));
  expect(loads.flatMap(({ broken }) => broken)).toEqual([]);
  expect(Object.keys(counts).filter((status) => !TOLD.includes(status))).toEqual([]);
  expect(counts[200]).toBeGreaterThan(0);
  const { most } = server.memory();
  expect(most).toBeLessThan(TASK_KIB);
  await until(() => server.records().length === 120);
  const outcomes = countOf(server.records().map(({ outcome }) => outcome));
  const afterwards = await server.healthy();
  figure('flood of bodies of 4 MiB, where they are allowed', {
    client: `${JSON.stringify(counts)} in ${ms} ms`,
    mostKiB: most,
    taskKiB: TASK_KIB,
    audit: JSON.stringify(outcomes),
    afterwards,
  });
}, 180_000);

test('a heap that is too small ends the process at once; the chain is valid up to its last record, and the next task serves', async () => {
  server = await start(heapOptions(32));
  const before: Answered[] = [];
  while (before.length < 5) before.push(await server.post(LIST));
  const load = startLoad(server.port, { workers: 60, message: () => scrape, times: 60 });
  await load.ended;
  const exit = await server.exited(60_000);
  expect(exit).toBe('SIGABRT');
  expect(server.stderr()).toMatch(/heap out of memory/);
  const text = server.stdout();
  expect(checkChain(text)).toBeUndefined();
  const records = server.records();
  // Records of the five calls before the load, written while memory was sufficient.
  expect(records.length).toBeGreaterThanOrEqual(5);
  expect(records.slice(0, 5).map(({ requestId }) => requestId)).toEqual(
    before.map(({ requestId }) => requestId),
  );
  server = await start(TASK_HEAP);
  const afterwards = await server.healthy();
  figure('memory limit reached', {
    client: `${JSON.stringify(countOf(load.answers.map(({ status }) => status)))}, then ${JSON.stringify(countOf(load.broken))}`,
    exit,
    lastGoodSeq: records.at(-1)?.['seq'],
    audit: `chain holds to ${records.length}`,
    afterwards: `next task: ${afterwards}`,
  });
}, 120_000);
