import { execFileSync } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditLog } from '../../../service/logging/audit-log.ts';
import { LineWriter } from '../../../service/logging/line-writer.ts';
import { createLogger } from '../../../service/logging/logger.ts';
import { callOf, startApp } from '../support/start-app.ts';

let directory: string;
let reader: number;
let writeEnd: number;
/** A pipe to a log driver that reads only when told. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-pipe-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writeEnd = openSync(path, 'w');
});
afterEach(() => {
  for (const fd of [reader, writeEnd]) {
    try {
      closeSync(fd);
    } catch {}
  }
  rmSync(directory, { recursive: true });
});

function readAll(): string {
  const buffer = Buffer.alloc(1024 * 1024);
  let text = '';
  for (;;) {
    try {
      const bytes = readSync(reader, buffer);
      if (bytes === 0) return text;
      text += buffer.toString('utf8', 0, bytes);
    } catch {
      return text;
    }
  }
}

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a log driver that stalls', () => {
  test('does not block the event loop; lines that fit stay in order, others are refused', async () => {
    const writer = new LineWriter(writeEnd, 300 * 1024);
    const sent: string[] = [];
    const fill = () => {
      while (writer.write(`${sent.length} ${'x'.repeat(1000)}`))
        sent.push(`${sent.length} ${'x'.repeat(1000)}`);
    };
    fill();
    const started = performance.now();
    await tick(50);
    expect(performance.now() - started).toBeLessThan(500);
    // The pipe has taken its 64 KiB, and is full now.
    fill();
    await tick(50);
    expect(writer.write('x'.repeat(1000))).toBe(false);
    let done = false;
    const flushed = writer.flush().then(() => {
      done = true;
    });
    let text = '';
    while (!done) {
      text += readAll();
      await tick(2);
    }
    await flushed;
    text += readAll();
    expect(text.split('\n').filter(Boolean)).toEqual(sent);
    expect(writer.write('again')).toBe(true);
    await writer.flush();
  });

  test('causes new calls to be refused with 503, loses no admitted record, and service resumes with the driver', async () => {
    const writer = new LineWriter(writeEnd, 64 * 1024);
    const logPath = join(directory, 'log');
    const logger = createLogger(new LineWriter(openSync(logPath, 'a'), 1024 * 1024), Date.now);
    const key = createSecretKey(Buffer.alloc(32));
    const app = await startApp({ auditLog: new AuditLog({ writer, key, now: Date.now, logger }) });
    let accepted = 0;
    let status = 200;
    while (status === 200 && accepted < 5000) {
      status = (await app.post(callOf('nope', { text: 'x'.repeat(1000) }))).status;
      if (status === 200) accepted += 1;
    }
    expect(status).toBe(503);
    expect((await fetch(new URL('/healthz', app.url))).status).toBe(200);
    let text = '';
    for (let i = 0; i < 500 && text.split('\n').length <= accepted; i++) {
      text += readAll();
      await tick(5);
    }
    expect(text.split('\n').filter(Boolean)).toHaveLength(accepted);
    expect((await app.post(callOf('echo'))).status).toBe(200);
    readAll();
    await app.stop();
  });

  test('that is gone ends the service: no audit log, no service', async () => {
    const writer = new LineWriter(writeEnd, 64 * 1024);
    closeSync(reader);
    const logger = createLogger(new LineWriter(openSync(join(directory, 'log'), 'a'), 1024), Date.now);
    const auditLog = new AuditLog({ writer, key: createSecretKey(Buffer.alloc(32)), now: Date.now, logger });
    const app = await startApp({ auditLog });
    await app.post(callOf('echo'));
    await tick(50);
    expect((await app.post(callOf('echo'))).status).toBe(503);
    await app.stop();
  });
});
