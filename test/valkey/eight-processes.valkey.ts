import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { portOf, postToBundle, startBundle } from '../service/support/deployed-bundle.ts';
import { callOf } from '../service/support/start-app.ts';
import type { RunningProcess } from '../service/support/start-process.ts';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { entry } from '../service/support/tokens.ts';
import { until } from '../service/support/until.ts';
import { type RealValkey, startValkey } from './server.ts';

const CLIENT_LIMIT = 50;
const TOOL_LIMIT = 20;
/** The first six processes refuse while the store is down, the last two count for themselves. */
const PROCESSES = 8;
const CLOSED = 6;
const CONCURRENCY = 64;

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
/** Passes the limits and is then refused by the URL guard, on a 200. */
const CALL = callOf('fetch_page', { url: 'https://not-allowed.example/' });

const tokenOf = (client: string) => `${client}-0123456789-abcdefghijklmnop`;
const clientIds = Array.from({ length: 40 }, (_, i) => `client-${i}`);
const unused = [...clientIds];
/** Clients without counts. */
const fresh = (count: number) => unused.splice(0, count);

const tls = await createStoreCertificate();
const password = randomBytes(24).toString('base64url');
const directory = mkdtempSync(join(tmpdir(), 'mcp-valkey-ca-'));
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let valkey: RealValkey;
let processes: { readonly bundle: RunningProcess; readonly port: number }[] = [];

/** With a user that has only the permissions that the service needs. */
const startStore = (port?: number) =>
  startValkey({
    tls,
    configuration: [
      'user default off',
      `user mcp on >${password} ~mcp:* resetchannels +eval +evalsha +time +lindex +lpush +ltrim +pexpire`,
    ],
    ...(port === undefined ? {} : { port }),
  });

beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build']);
  writeFileSync(join(directory, 'ca.pem'), tls.cert);
  valkey = await startStore();
  const bundles = Array.from({ length: PROCESSES }, (_, i) =>
    startBundle({
      HOST: '127.0.0.1',
      PORT: '0',
      MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
      MCP_AUTH_TOKENS: 'env:TOKENS',
      TOKENS: JSON.stringify({ tokens: clientIds.map((id) => entry(tokenOf(id), id, ['scrape'])) }),
      MCP_AUDIT_KEY: 'env:AUDIT_KEY',
      AUDIT_KEY: 'k'.repeat(32),
      MCP_CLIENT_LIMIT_PER_MINUTE: String(CLIENT_LIMIT),
      MCP_TOOL_LIMIT_PER_MINUTE: String(TOOL_LIMIT),
      MCP_RATE_LIMIT_STORE: `rediss://mcp@localhost:${valkey.port}`,
      MCP_RATE_LIMIT_STORE_PASSWORD: 'env:PASSWORD',
      PASSWORD: password,
      MCP_RATE_LIMIT_STORE_FAILURE: i < CLOSED ? 'deny' : 'allow',
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
    }),
  );
  processes = await Promise.all(bundles.map(async (bundle) => ({ bundle, port: await portOf(bundle) })));
}, 120_000);
afterAll(async () => {
  for (const { bundle } of processes) bundle.child.kill('SIGKILL');
  await Promise.all(processes.map(({ bundle }) => bundle.exited()));
  agent.destroy();
  await valkey.stop();
  rmSync(directory, { recursive: true });
});

interface Answered {
  readonly client: string;
  /** 0 if the connection broke. */
  readonly status: number;
  readonly retryAfter: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly text: string;
}

async function send(client: string, body: object, process: number): Promise<Answered> {
  const sentAt = performance.now();
  const port = processes[process]?.port ?? 0;
  const answer = await postToBundle(port, tokenOf(client), body, {}, agent).catch(() => undefined);
  return {
    client,
    status: answer?.status ?? 0,
    retryAfter: Number(answer?.headers['retry-after']),
    sentAt,
    answeredAt: performance.now(),
    text: answer?.text ?? '',
  };
}

interface Burst {
  readonly body: object;
  readonly each: number;
  /** @default - all, round robin */
  readonly among?: readonly number[];
  /** Stops after this many responses. */
  readonly after?: readonly [answered: number, act: () => void];
}

/** Sends many requests of many clients at once. */
async function burst(clients: readonly string[], { body, each, among, after }: Burst): Promise<Answered[]> {
  const targets = among ?? processes.map((_, i) => i);
  const answers: Answered[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < each * clients.length; i = next++) {
      const client = clients[i % clients.length] as string;
      answers.push(await send(client, body, targets[i % targets.length] as number));
      if (answers.length === after?.[0]) after[1]();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return answers;
}

const accepted = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200);

/** Number of responses with each status for each client. */
function tally(answers: readonly Answered[]): Record<string, Record<number, number>> {
  const counts: Record<string, Record<number, number>> = {};
  for (const { client, status } of answers) {
    const of = counts[client] ?? {};
    of[status] = (of[status] ?? 0) + 1;
    counts[client] = of;
  }
  return counts;
}

/** The same counts for every client. */
const forEach = (clients: readonly string[], counts: Record<number, number>) =>
  Object.fromEntries(clients.map((client) => [client, counts]));

/** Checks every refusal's `Retry-After` against the time at which the client's first event was counted. */
function expectRetryAfter(answers: readonly Answered[]): void {
  for (const { client, status, retryAfter, sentAt, answeredAt } of answers) {
    if (status !== 429) continue;
    const own = answers.filter((other) => other.client === client && other.status === 200);
    const from = Math.min(...own.map((other) => other.sentAt)) + 60_000;
    const to = Math.min(...own.map((other) => other.answeredAt)) + 60_000;
    expect(retryAfter).toBeGreaterThanOrEqual(Math.floor((from - answeredAt) / 1000));
    expect(retryAfter).toBeLessThanOrEqual(Math.ceil((to - sentAt) / 1000));
  }
}

const said = (process: number, event: string) =>
  processes[process]?.bundle.stderr().match(new RegExp(`"event":"${event}"`, 'g'))?.length ?? 0;

/** Waits until every process has the store. */
const whole = () =>
  until(
    () => processes.every((_, i) => said(i, 'rate_limit_store_up') === said(i, 'rate_limit_store_down')),
    () => processes.map(({ bundle }) => bundle.stderr()).join('\n'),
  );

describe('eight processes and one store', () => {
  test('accept exactly the client’s limit from each of many clients', async () => {
    const clients = fresh(6);
    const answers = await burst(clients, { body: LIST, each: 2 * CLIENT_LIMIT });
    expect(tally(answers)).toEqual(forEach(clients, { 200: CLIENT_LIMIT, 429: CLIENT_LIMIT }));
    expectRetryAfter(answers);
    for (const [i] of processes.entries()) expect(said(i, 'rate_limit_store_down')).toBe(0);
  }, 60_000);

  test('accept exactly the tool’s limit from each of many clients', async () => {
    const clients = fresh(4);
    const answers = await burst(clients, { body: CALL, each: 2 * TOOL_LIMIT });
    expect(tally(answers)).toEqual(forEach(clients, { 200: TOOL_LIMIT, 429: TOOL_LIMIT }));
    expectRetryAfter(answers);
    expect(answers.find(({ status }) => status === 429)?.text).toContain('Too many calls of this tool');
  }, 60_000);

  test('while the store hangs refuse at once, or count alone if so configured; then exactly again', async () => {
    valkey.signal('SIGSTOP');
    const [client = '', other = ''] = fresh(2);
    const begun = performance.now();
    const closed = await burst([client], { body: LIST, each: 60, among: [0, 1, 2, 3, 4, 5] });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(tally(closed)).toEqual({ [client]: { 503: 60 } });
    expect(new Set(closed.map(({ retryAfter }) => retryAfter))).toEqual(new Set([5]));
    const open = await burst([other], { body: LIST, each: 4 * CLIENT_LIMIT, among: [6, 7] });
    expect(tally(open)).toEqual({ [other]: { 200: 2 * CLIENT_LIMIT, 429: 2 * CLIENT_LIMIT } });
    for (const [i] of processes.entries()) expect(said(i, 'rate_limit_store_down')).toBe(1);
    expect(processes[0]?.bundle.stdout()).toContain('"errorCode":"limits_unavailable"');

    valkey.signal('SIGCONT');
    await whole();
    const clients = fresh(4);
    const answers = await burst(clients, { body: LIST, each: 2 * CLIENT_LIMIT });
    expect(tally(answers)).toEqual(forEach(clients, { 200: CLIENT_LIMIT, 429: CLIENT_LIMIT }));
  }, 90_000);

  test('never accept more while the store is lost, and exactly the limit when it is back', async () => {
    const clients = fresh(4);
    let stopped: Promise<void> | undefined;
    const answers = await burst(clients, {
      body: LIST,
      each: 2 * CLIENT_LIMIT,
      among: [0, 1, 2, 3, 4, 5],
      after: [
        CLIENT_LIMIT,
        () => {
          stopped = valkey.stop();
        },
      ],
    });
    await stopped;
    for (const [client, counts] of Object.entries(tally(answers))) {
      expect([client, counts[200]]).toEqual([client, expect.any(Number)]);
      expect(counts[200]).toBeLessThanOrEqual(CLIENT_LIMIT);
      expect(counts[503]).toBeGreaterThan(0);
    }
    valkey = await startStore(valkey.port);
    await whole();
    const others = fresh(4);
    const after = await burst(others, { body: LIST, each: 2 * CLIENT_LIMIT });
    expect(tally(after)).toEqual(forEach(others, { 200: CLIENT_LIMIT, 429: CLIENT_LIMIT }));
  }, 90_000);

  test('accept as many again a window later for clients that wait as told, even though two processes die', async () => {
    const clients = fresh(4);
    const [told = ''] = clients;
    const first = await burst(clients, { body: LIST, each: CLIENT_LIMIT + 10 });
    expect(tally(first)).toEqual(forEach(clients, { 200: CLIENT_LIMIT, 429: 10 }));
    const refusal = await send(told, LIST, 3);
    await sleep(refusal.retryAfter * 1000);
    const second = [await send(told, LIST, 2)];
    expect(second[0]?.status).toBe(200);
    const last = Math.max(...accepted(first).map(({ answeredAt }) => answeredAt));
    await sleep(Math.max(last + 60_000 - performance.now(), 0));
    let died = 0;
    const die = () => {
      died = performance.now();
      for (const i of [0, 1]) processes[i]?.bundle.child.kill('SIGKILL');
    };
    second.push(...(await burst(clients, { body: LIST, each: CLIENT_LIMIT, after: [60, die] })));
    second.push(...(await burst(clients, { body: LIST, each: CLIENT_LIMIT, among: [2, 3, 4, 5, 6, 7] })));
    for (const client of clients) {
      const own = second.filter((answer) => answer.client === client);
      // The dead processes counted calls without a response; for their clients these were not accepted.
      const lost = own.filter(({ status, sentAt }) => status === 0 && sentAt < died);
      expect(accepted(own).length).toBeLessThanOrEqual(CLIENT_LIMIT);
      expect(accepted(own).length + lost.length).toBeGreaterThanOrEqual(CLIENT_LIMIT);
    }
    expect(second.filter(({ status }) => status === 0).length).toBeGreaterThan(0);
    expect(second.filter(({ status }) => ![0, 200, 429].includes(status))).toEqual([]);
  }, 180_000);

  test('and on SIGTERM exit 0', async () => {
    const left = processes.slice(2);
    for (const { bundle } of left) bundle.child.kill('SIGTERM');
    expect(await Promise.all(left.map(({ bundle }) => bundle.exited()))).toEqual(Array(6).fill(0));
  });
});
