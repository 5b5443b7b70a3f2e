import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callOf } from '../../support/start-app.ts';
import { entry } from '../../support/tokens.ts';
import { askHealth, checkChain, type FaultServer, figure, startServer, TOKEN } from './support/server.ts';

const MIB = 1024 * 1024;
const GOOD = 'good-token-0123456789-abcdefghijk';
/**
 * Milliseconds that a health check may take longer than on an idle server. Each opens a connection, whose TLS
 * handshake takes several rounds of the event loop, each with at most one turn of a conversion.
 */
const HEALTH_MS = 100;

/** 1 KiB on the wire, 1 MiB of one attribute: a conversion in quadratic time takes seven minutes. */
const BLANKS = gzipSync(`<a href="x${' '.repeat(MIB - 106)}y">z</a>`);
/** For a selector that visits every pair of siblings until its steps are used up: 0.4 s. */
const SIBLINGS = gzipSync('<p>x</p>'.repeat(39_000));

const PAGES = new Map([
  ['blanks.example.com', BLANKS],
  ['siblings.example.com', SIBLINGS],
  ['good.example.com', gzipSync('<p>ok')],
]);

let site: Server;
let server: FaultServer;

beforeAll(async () => {
  site = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', (request) => {
        const body =
          PAGES.get(/^host: (\S+)/im.exec(request.toString('latin1'))?.[1] ?? '') ?? Buffer.alloc(0);
        const head = `Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n`;
        socket.write(`HTTP/1.1 200 OK\r\n${head}Connection: close\r\n\r\n`);
        socket.end(body);
      });
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(() => void site.close());

const start = (more: Record<string, string> = {}) =>
  startServer({
    TOKENS: JSON.stringify({
      tokens: [entry(TOKEN, 'ci', ['scrape']), entry(GOOD, 'good', ['scrape'])],
    }),
    SCRAPE_ALLOWED_DOMAINS: '*',
    MCP_CLIENT_LIMIT_PER_MINUTE: '100000',
    MCP_TOOL_LIMIT_PER_MINUTE: '100000',
    FAULT_NAMES: JSON.stringify(
      Object.fromEntries([...PAGES.keys()].map((host) => [host, [['93.184.216.34']]])),
    ),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (site.address() as AddressInfo).port }),
    FAULT_WATCH_LOOP: '1',
    ...more,
  });

const blanks = callOf('scrape_url', { url: 'http://blanks.example.com/', format: 'markdown' });
const siblings = callOf('scrape_with_selector', {
  url: 'http://siblings.example.com/',
  selector: '*:has(~ *)',
});
const TOO_COMPLEX = 'The page is nested too deeply or has too many elements';
const good = callOf('scrape_url', { url: 'http://good.example.com/' });

/** Sends health checks one after the other until the work is done. @returns milliseconds of each, fastest first */
async function healthDuring(work: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  do {
    const [status, ms] = await askHealth(server.port);
    expect(status).toBe(200);
    times.push(ms);
  } while (!done);
  await ended;
  return times.sort((a, b) => a - b);
}

/** Of an idle server. */
const idleHealth = async () => median(await healthDuring(sleep(500)));
const median = (sorted: readonly number[]) => sorted[sorted.length >> 1] ?? Number.NaN;

test('a page with an attribute of a million blanks is a page like others: health and other clients are served meanwhile', async () => {
  expect(BLANKS.length).toBeLessThan(1200);
  server = await start();
  // Once before the measurement, which excludes the start.
  await Promise.all([server.post(blanks), server.post(good)]);
  const idle = await idleHealth();
  await server.longestStretch();
  const work = Promise.all([
    ...Array.from({ length: 8 }, () => server.post(blanks)),
    server.post(good, { token: GOOD }),
  ]);
  const health = await healthDuring(work);
  const answers = await work;
  expect(answers.map(({ status, said }) => [status, said])).toEqual(answers.map(() => [200, undefined]));
  const { cpuMs, ms } = await server.longestStretch();
  expect(median(health)).toBeLessThan(idle + HEALTH_MS);
  expect(cpuMs).toBeLessThan(50);
  for (const { requestId } of answers) {
    expect(await server.recordsOf(requestId)).toMatchObject([{ outcome: 'ok' }]);
  }
  const afterwards = await server.healthy();
  figure('attribute of a million blanks', {
    client: `${answers.length} × 200, slowest ${Math.max(...answers.map((answer) => answer.ms))} ms`,
    idleHealthMs: idle,
    healthMs: median(health),
    longestStretchMs: ms,
    longestStretchCpuMs: cpuMs,
    audit: '9 × ok',
    afterwards,
  });
}, 60_000);

test('the deadline ends a conversion, and the request has its record', async () => {
  const deadline = 150;
  server = await start({ SCRAPE_TIMEOUT_MS: String(deadline) });
  await server.post(good);
  const idle = await idleHealth();
  await server.longestStretch();
  const work = Promise.all(Array.from({ length: 6 }, () => server.post(siblings)));
  const health = await healthDuring(work);
  const answers = await work;
  const durations: number[] = [];
  for (const { status, said, requestId } of answers) {
    expect([status, said]).toEqual([200, expect.stringContaining('did not finish in time')]);
    const [record] = await server.recordsOf(requestId);
    expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'deadline_exceeded' });
    durations.push(Number(record?.['durationMs']));
  }
  // The slowest waited for a core of a busy machine.
  expect(Math.min(...durations)).toBeLessThan(deadline + 100);
  const { cpuMs, ms } = await server.longestStretch();
  expect(median(health)).toBeLessThan(idle + HEALTH_MS);
  expect(cpuMs).toBeLessThan(50);
  const afterwards = await server.healthy();
  figure('deadline during a conversion', {
    client: `${answers.length} × timeout, after ${durations.map(Math.round).join(', ')} ms`,
    deadlineMs: deadline,
    idleHealthMs: idle,
    healthMs: median(health),
    longestStretchMs: ms,
    longestStretchCpuMs: cpuMs,
    afterwards,
  });
}, 60_000);

test('SIGTERM during conversions drains: each gets its response and its record', async () => {
  server = await start();
  const work = Promise.all(Array.from({ length: 6 }, () => server.post(siblings)));
  // In the middle of six times 0.4 s.
  await sleep(400);
  const signalled = performance.now();
  server.child.kill('SIGTERM');
  const answers = await work;
  expect(await server.exited(20_000)).toBe(0);
  const exitMs = Math.round(performance.now() - signalled);
  expect(answers.map(({ said }) => said)).toEqual(answers.map(() => TOO_COMPLEX));
  const recorded = server.records().map(({ requestId }) => requestId);
  expect(answers.filter(({ requestId }) => !recorded.includes(requestId))).toEqual([]);
  expect(checkChain(server.stdout())).toBeUndefined();
  expect(server.stderr()).toContain('"event":"drained","complete":true');
  figure('SIGTERM during conversions', {
    client: `${answers.length} answered`,
    exitMs,
    audit: `${recorded.length} records`,
  });
}, 60_000);
