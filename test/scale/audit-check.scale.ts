import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle } from '../../infra/constructs/function/bundled-code.ts';
import { AuditLog } from '../../service/logging/audit-log.ts';
import type { LineWriter } from '../../service/logging/line-writer.ts';
import { KEY, MINUTE, streamOf } from '../functions/audit-check/support/chains.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';

/** Bytes of messages that CloudWatch Logs returns at once. */
const PAGE_BYTES = 1024 * 1024;
const MINUTES = 12;
const TASKS = 10;
const END = Date.parse('2026-01-01T12:00:00Z');

let folder: string;
let store: SecretsManagerStandIn;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-audit-scale-'));
  bundle('audit-check', folder);
  store = await startSecretsManager({ 'Mcp-test/audit-key': KEY });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await store.close();
});

/** Writes records of a scrape as a task does. */
function createTask() {
  let line = '';
  let clock = 0;
  const write = (text: string) => {
    line = text;
    return true;
  };
  const quiet = () => {};
  const log = new AuditLog({
    writer: { write, capacityBytes: 1e6, queuedBytes: 0, broken: false } as unknown as LineWriter,
    key: createSecretKey(Buffer.from(KEY)),
    now: () => clock,
    logger: { info: quiet, warn: quiet, error: quiet },
  });
  return (timestamp: number) => {
    clock = timestamp;
    log.admit();
    log.record({
      requestId: 'c0ffee00-1234-4abc-8def-0123456789ab',
      clientId: 'ci',
      sourceIp: '203.0.113.7',
      protocolVersion: '2026-07-28',
      method: 'tools/call',
      tool: 'scrape_url',
      arguments: { url: 'https://www.example.com/articles/2026/a-title-of-some-length', format: 'markdown' },
      host: 'www.example.com',
      finalHost: 'www.example.com',
      outcome: 'ok',
      durationMs: 812.4,
      resultBytes: 20_480,
    });
    return line;
  };
}

/** The pages of each minute, as CloudWatch Logs sends them, and the mean length of a record. */
function pagesOf(records: number): { readonly pages: readonly Buffer[][]; readonly bytes: number } {
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    logStreamName: streamOf(String(index)),
    next: createTask(),
  }));
  let all = 0;
  const pages = Array.from({ length: MINUTES }, (_, minute) => {
    const bodies: Buffer[] = [];
    let events: object[] = [];
    let bytes = 0;
    const flush = (isLast: boolean) => {
      bodies.push(
        Buffer.from(JSON.stringify({ events, ...(!isLast && { nextToken: String(bodies.length + 1) }) })),
      );
      events = [];
      bytes = 0;
    };
    const ofMinute = records / MINUTES;
    for (let n = 0; n < ofMinute; n++) {
      const timestamp = END - (17 - minute) * MINUTE + Math.floor((n * MINUTE) / ofMinute);
      const { logStreamName, next } = tasks[n % TASKS] as (typeof tasks)[number];
      const message = next(timestamp);
      all += message.length;
      bytes += message.length;
      events.push({
        logStreamName,
        timestamp,
        message,
        ingestionTime: timestamp + 1000,
        eventId: `${timestamp}${n}`,
      });
      if (bytes > PAGE_BYTES - 2048) flush(false);
    }
    flush(true);
    return bodies;
  });
  return { pages, bytes: Math.round(all / records) };
}

async function startLog(pages: readonly Buffer[][]): Promise<Server> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { startTime, nextToken } = JSON.parse(text);
      const minute = Math.round((startTime - (END - 17 * MINUTE)) / MINUTE);
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
        .end(pages[minute]?.[Number(nextToken ?? 0)]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The cost of a run of the deployed function: CPU time, and peak memory. */
async function run(pages: readonly Buffer[][]) {
  const server = await startLog(pages);
  // Not the highest that the system reports: a process inherits that of the one that started it.
  const program = `
    let rss = 0;
    setInterval(() => { rss = Math.max(rss, process.memoryUsage.rss()); }, 20).unref();
    require(process.argv[1]).handler({ time: ${JSON.stringify(new Date(END).toISOString())} }).then(() => {
      const { user, system } = process.cpuUsage();
      console.log(JSON.stringify({ cpuMs: (user + system) / 1000, mib: rss / 1024 / 1024 }));
    })`;
  const lambda = startProcess(
    process.execPath,
    ['--max-old-space-size=128', '-e', program, join(folder, 'index.js')],
    {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AUDIT_LOG_GROUP: 'Mcp-test-audit',
      AUDIT_KEY_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-test/audit-key-AbCdEf',
    },
  );
  const exit = await lambda.exited(280_000);
  server.closeAllConnections();
  server.close();
  expect({ exit, stderr: lambda.stderr().replace(/\(node[\s\S]*/, '') }).toEqual({ exit: 0, stderr: '' });
  const [checked, used] = lambda
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(checked).toMatchObject({ event: 'audit_chain_checked', broken: 0, streams: TASKS });
  return { records: Number(checked.records), cpuMs: Number(used.cpuMs), mib: Number(used.mib) };
}

test('the audit check takes CPU time by the record, and no memory by it', async () => {
  const figures = [];
  for (const count of [120, 120_000, 480_000]) {
    const { pages, bytes } = pagesOf(count);
    figures.push({ bytes, ...(await run(pages)) });
  }
  const [idle, few, many] = figures as [
    (typeof figures)[number],
    (typeof figures)[number],
    (typeof figures)[number],
  ];
  const microseconds = ((many.cpuMs - idle.cpuMs) * 1000) / many.records;
  process.stdout.write(
    `SCALE ${JSON.stringify({ what: 'the audit check', bytesOfRecord: many.bytes, microsecondsOfRecord: microseconds.toFixed(1), mib: figures.map(({ mib }) => Math.round(mib)) })}\n`,
  );
  expect(many.records).toBe(480_000);
  // 60 % of a core, as 1024 MB have, for the twelve minutes that ten are checked in at 5,000 calls/s.
  expect(microseconds).toBeLessThan(60);
  expect(many.mib).toBeLessThan(few.mib * 1.5);
  expect(many.mib).toBeLessThan(300);
}, 600_000);
