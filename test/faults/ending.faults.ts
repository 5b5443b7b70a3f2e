import { createSecretKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join, PartCheck } from '../../functions/audit-check/stream-check.ts';
import { callOf } from '../service/support/start-app.ts';
import { type LoopbackServer, startServer as startPage } from '../support/network.ts';
import { countOf, NOT_TAKEN, startLoad } from './support/load.ts';
import { AUDIT_KEY, checkChain, figure, LIST, startServer } from './support/server.ts';

const WORKERS = 32;
const PAGE_MS = 300;

/** A slow page. */
let page: LoopbackServer;

beforeAll(async () => {
  page = await startPage((_request, response) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>slow</p>'), PAGE_MS);
  });
});
afterAll(() => page.close());

const start = () =>
  startServer({
    SCRAPE_ALLOWED_DOMAINS: '*',
    FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': page.port }),
    MCP_CLIENT_LIMIT_PER_MINUTE: '100000',
    MCP_TOOL_LIMIT_PER_MINUTE: '100000',
  });
const scrape = callOf('fetch_page', { url: 'http://page.example.com/' });
const isScrape = (n: number) => n % 4 === 0;
const mixed = (n: number) => (isScrape(n) ? scrape : LIST);

/** Most workers are in the middle of a call of 300 ms when the signal arrives. */
async function loaded() {
  const server = await start();
  const load = startLoad(server.port, { workers: WORKERS, message: mixed });
  await sleep(2000);
  return { server, load };
}

const idOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['x-request-id']);

describe('under load', () => {
  test('SIGTERM loses no accepted request: every record has its response, and every response its record', async () => {
    const { server, load } = await loaded();
    const signalled = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.exited(30_000)).toBe(0);
    const ms = Math.round(performance.now() - signalled);
    await load.ended;
    const answered = load.answers.map(idOf);
    const recorded = server.records().map(({ requestId }) => String(requestId));
    const lost = recorded.filter((id) => !answered.includes(id));
    expect(lost).toEqual([]);
    expect(answered.filter((id) => !recorded.includes(id))).toEqual([]);
    expect(server.records().filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(countOf(load.answers.map(({ status }) => status))).toEqual({ 200: answered.length });
    const scrapes = load.answers.filter(({ n }) => isScrape(n));
    expect(scrapes.filter(({ text }) => !text.includes('slow'))).toEqual([]);
    const after = load.answers.filter(({ endedAt }) => endedAt > signalled);
    const finished = after.filter(({ n, begunAt }) => isScrape(n) && begunAt < signalled);
    expect(finished.length).toBeGreaterThan(0);
    // No response is cut off. Other broken requests have no record: the process never accepted them.
    const broken = countOf(load.broken);
    expect(Object.keys(broken).filter((how) => !NOT_TAKEN.includes(how))).toEqual([]);
    expect(broken['ECONNREFUSED']).toBe(WORKERS);
    expect(checkChain(server.stdout())).toBeUndefined();
    expect(server.stderr()).toContain('"event":"drained","complete":true');
    expect(ms).toBeLessThan(10_000);
    const next = await start();
    const afterwards = await next.healthy();
    next.child.kill('SIGKILL');
    figure('SIGTERM under load', {
      client: `${answered.length} × 200, ${after.length} of them after the signal, ${finished.length} of those calls that it interrupted; then ${JSON.stringify(broken)}`,
      exitMs: ms,
      lost: lost.length,
      audit: `${recorded.length} records, chain holds`,
      afterwards: `next task: ${afterwards}`,
    });
  }, 60_000);

  test('SIGKILL leaves a chain that is valid up to its last complete record, and the next process begins a new one', async () => {
    const { server, load } = await loaded();
    server.child.kill('SIGKILL');
    expect(await server.exited()).toBe('SIGKILL');
    load.stop();
    await load.ended;
    const text = server.stdout();
    const torn = text.length - (text.lastIndexOf('\n') + 1);
    const whole = text.split('\n').slice(0, -1);
    expect(checkChain(text)).toBeUndefined();
    const last = server.records().at(-1)?.['seq'];
    expect(last).toBe(whole.length);
    const recorded = new Set(server.records().map(({ requestId }) => requestId));
    const unrecorded = load.answers.filter((answer) => !recorded.has(idOf(answer))).length;
    // The log writes in batches: responses during the last batch may lack a record.
    expect(unrecorded).toBeLessThanOrEqual(WORKERS);

    const next = await start();
    const afterwards = await next.healthy();
    expect(checkChain(text.slice(0, text.lastIndexOf('\n') + 1) + next.stdout())).toBeUndefined();
    next.child.kill('SIGKILL');
    // The audit check reports removed records by number.
    const breakage = (lines: readonly string[]) => {
      const part = new PartCheck(createSecretKey(Buffer.from(AUDIT_KEY)));
      for (const line of lines) part.add('task', line);
      return join([part], new Map(part.broken)).broken.get('task');
    };
    expect(breakage(whole)).toBeUndefined();
    const taken = Math.floor(whole.length / 2);
    expect(breakage(whole.toSpliced(taken, 1))).toEqual({
      seq: taken + 2,
      problem: `the record before ${taken + 2} is missing`,
    });
    figure('SIGKILL under load', {
      client: `${load.answers.length} × 200, then ${JSON.stringify(countOf(load.broken))}`,
      lastGoodSeq: last,
      tornBytes: torn,
      answeredWithoutRecord: unrecorded,
      audit: `chain holds to ${last}`,
      afterwards: `next task: ${afterwards}`,
    });
  }, 60_000);
});
