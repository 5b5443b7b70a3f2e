import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callOf } from '../service/support/start-app.ts';
import { countOf, startLoad } from './support/load.ts';
import { askHealth, type FaultServer, figure, LIST, startServer } from './support/server.ts';
import { TASK_HEAP, TASK_KIB } from './support/smallest-task.ts';

/** A call that is refused without any work and has a record of the maximum size. */
const LONG = callOf(
  'fetch_page',
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`a${i}`, 'word '.repeat(45)])),
);
const WORKERS = 32;
/** More records than there is room for: the buffer of 16 MiB holds records of about 2.5 KB. */
const TIMES = 9000;

let directory: string;
let reader: number;
let writer: number;
let text = '';
let server: FaultServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-blocked-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writer = openSync(path, 'w');
  server = await startServer(
    { MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '100000' },
    { stdout: { fd: writer, read: () => readOn() }, node: TASK_HEAP },
  );
});
afterAll(() => {
  server.child.kill('SIGKILL');
  for (const fd of [reader, writer]) closeSync(fd);
  rmSync(directory, { recursive: true });
});

/** The output that the log driver has read so far, and reads now. */
function readOn(): string {
  const buffer = Buffer.alloc(1024 * 1024);
  for (;;) {
    try {
      const bytes = readSync(reader, buffer);
      if (bytes === 0) return text;
      text += buffer.toString('utf8', 0, bytes);
    } catch {
      // EAGAIN: there is no data now.
      return text;
    }
  }
}

test('a log driver that stops reading stops the service before a record is lost; service resumes with the driver', async () => {
  const grown = server.watchMemory();
  const load = startLoad(server.port, { workers: WORKERS, message: () => LONG, times: TIMES });
  await load.ended;
  const counts = countOf(load.answers.map(({ status }) => status));
  expect(load.broken).toEqual([]);
  expect(Object.keys(counts)).toEqual(['200', '503']);
  const refused = await server.post(LIST);
  expect([refused.status, refused.said, refused.headers['retry-after']]).toEqual([503, 503, '5']);
  expect(refused.ms).toBeLessThan(500);
  expect((await askHealth(server.port))[0]).toBe(200);
  await server.says(/"event":"audit_backpressure"/);
  const grownKiB = grown();
  const { most } = server.memory();
  expect(most).toBeLessThan(TASK_KIB);

  const resumed = performance.now();
  const written = () => readOn().split('\n').length - 1;
  while (written() < Number(counts[200])) await sleep(2);
  const ms = Math.round(performance.now() - resumed);
  await sleep(100);
  expect(written()).toBe(counts[200]);
  const afterwards = await server.healthy();
  await server.says(new RegExp(`"event":"audit_recovered","refusedRequests":${Number(counts[503]) + 1}\\b`));
  figure('stdout blocked', {
    client: `${counts[200]} × 200, then 503 in ${refused.ms} ms, Retry-After 5`,
    refused: counts[503],
    heldBytes: text.length,
    grownKiB,
    mostKiB: most,
    taskKiB: TASK_KIB,
    audit: `${counts[200]} records, none lost, written ${ms} ms after the driver went on`,
    log: 'audit_backpressure, audit_recovered',
    afterwards,
  });
}, 120_000);
