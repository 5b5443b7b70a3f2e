import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TASK_HEAP } from '../../../faults/support/smallest-task.ts';
import { callOf } from '../../support/start-app.ts';
import { hostile } from '../support/hostile-pages.ts';
import { type FaultServer, figure, startServer } from './support/server.ts';

const MIB = 1024 * 1024;
/** Milliseconds of CPU, measured by a timer in the process. */
const MAX_STRETCH_MS = 50;
/** KiB above an idle server, for one page. */
const MAX_KIB = 96 * 1024;

const PAGES = new Map(hostile(MIB).map(([name, html], index) => [`/${index}`, { name, html }]));
const CALLS = (url: string) => [
  callOf('scrape_url', { url, maxCharacters: MIB, content: 'page', format: 'html' }),
  callOf('scrape_url', { url, maxCharacters: MIB, content: 'page', format: 'text' }),
  callOf('scrape_url', { url, maxCharacters: MIB, content: 'page', format: 'markdown' }),
  callOf('scrape_url', { url, maxCharacters: MIB, content: 'main', format: 'markdown' }),
  callOf('scrape_with_selector', { url, maxCharacters: MIB, selector: '*' }),
  callOf('scrape_with_selector', { url, maxCharacters: MIB, selector: '*:has(~ *)' }),
];

let site: Server;
/** Each converts its share of the pages, on a core of its own: what is measured is CPU of its main thread, and its memory. */
let servers: readonly FaultServer[];

beforeAll(async () => {
  site = createServer(({ url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGES.get(url)?.html);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const variables = {
    SCRAPE_ALLOWED_DOMAINS: '*',
    MCP_CLIENT_LIMIT_PER_MINUTE: '100000',
    MCP_TOOL_LIMIT_PER_MINUTE: '100000',
    FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (site.address() as AddressInfo).port }),
    FAULT_WATCH_LOOP: '1',
  };
  servers = await Promise.all(
    Array.from({ length: Math.min(4, availableParallelism()) }, () =>
      startServer(variables, { node: TASK_HEAP }),
    ),
  );
});
afterAll(() => {
  for (const server of servers) server.child.kill('SIGKILL');
  site.close();
});

interface Found {
  readonly name: string;
  readonly cpuMs: number;
  readonly ms: number;
  readonly grownKiB: number;
  readonly tool: number;
}

/** Converts pages, one call after the other, as long as any are left. */
async function convert(server: FaultServer, pages: Iterator<[string, { name: string }]>): Promise<Found[]> {
  await server.healthy();
  // The first calls load and compile code; that does not count.
  for (const call of CALLS('http://page.example.com/0')) await server.post(call);
  const idle = server.memory().now;
  const found: Found[] = [];
  for (let next = pages.next(); !next.done; next = pages.next()) {
    const [path, { name }] = next.value;
    for (const [tool, call] of CALLS(`http://page.example.com${path}`).entries()) {
      server.watchMemory();
      await server.longestStretch();
      const { status } = await server.post(call);
      expect(status).toBe(200);
      found.push({ name, tool, ...(await server.longestStretch()), grownKiB: server.memory().most - idle });
    }
  }
  return found;
}

test('no page of 1 MiB blocks the process for 50 ms or takes 96 MiB, in any format and with either tool', async () => {
  const pages = PAGES.entries();
  const found = (await Promise.all(servers.map((server) => convert(server, pages)))).flat();
  expect(found).toHaveLength(PAGES.size * CALLS('').length);
  const worst = (key: 'cpuMs' | 'grownKiB' | 'ms') => found.toSorted((a, b) => b[key] - a[key]).slice(0, 8);
  figure('hostile pages of 1 MiB', {
    calls: found.length,
    longestStretchCpuMs: worst('cpuMs').map(({ name, tool, cpuMs }) => `${name} (${tool}): ${cpuMs}`),
    longestStretchMs: worst('ms').map(({ name, tool, ms }) => `${name} (${tool}): ${ms}`),
    grownKiB: worst('grownKiB').map(({ name, tool, grownKiB }) => `${name} (${tool}): ${grownKiB}`),
    afterwards: (await Promise.all(servers.map((server) => server.healthy()))).join('; '),
  });
  expect(worst('cpuMs')[0]?.cpuMs).toBeLessThan(MAX_STRETCH_MS);
  expect(worst('grownKiB')[0]?.grownKiB).toBeLessThan(MAX_KIB);
}, 1_200_000);
