import { spawnSync } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstProblem } from '../../cli/audit-export.ts';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import { CONTENT, KEY, recordsOf, SECOND, streamOf } from '../functions/audit-check/support/chains.ts';
import type { LogEvent } from '../functions/audit-check/support/cloudwatch-logs.ts';
import { programBundle } from '../support/bundles.ts';

const START = Date.parse('2026-11-22T12:00:00Z');
const a = recordsOf(streamOf('a'), START, 20, { every: SECOND });
const b = recordsOf(streamOf('b'), START + 300, 12, { every: SECOND });
/** Records of two tasks, mixed as in the log. */
const both = [...a, ...b].sort((one, other) => one.timestamp - other.timestamp);

const lines = (events: readonly LogEvent[]) => events.map(({ message }) => `${message}\n`).join('');
/** In the form that a CloudWatch Logs export task writes to S3. */
const exportTask = (events: readonly LogEvent[]) =>
  events.map(({ timestamp, message }) => `${new Date(timestamp).toISOString()} ${message}\n`).join('');
/** In the form that the AWS CLI prints. */
const filterLogEvents = (events: readonly LogEvent[]) =>
  JSON.stringify(
    {
      events: events.map(({ stream, timestamp, message }, index) => ({
        logStreamName: stream,
        timestamp,
        message,
        ingestionTime: timestamp + 500,
        eventId: String(index),
      })),
      searchedLogStreams: [{ logStreamName: 'a', searchedCompletely: true }],
    },
    null,
    4,
  );

async function verify(text: string | Buffer, { begun = 0, chunk = 1000 } = {}) {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
  }
  return firstProblem(chunks(), createChainCheck({ key: createSecretKey(Buffer.from(KEY)), begun }));
}

const FORMS = [
  ['lines of JSON', lines],
  ['an export task', exportTask],
  ['filter-log-events', filterLogEvents],
  [
    'filter-log-events in one line',
    (events: LogEvent[]) => JSON.stringify(JSON.parse(filterLogEvents(events))),
  ],
  ['lines of Windows', (events: LogEvent[]) => lines(events).replaceAll('\n', '\r\n')],
  [
    'an archive’s objects',
    (events: LogEvent[]) =>
      Buffer.concat([gzipSync(lines(events.slice(0, 9))), gzipSync(`\n${lines(events.slice(9))}`)]),
  ],
  [
    'two answers of filter-log-events',
    (events: LogEvent[]) => `${filterLogEvents(events.slice(0, 9))}\n${filterLogEvents(events.slice(9))}`,
  ],
] as const;

describe.each(FORMS)('an export as %s', (_form, write) => {
  test.each([1, 7, 100_000])('is valid as written, in pieces of %i bytes', async (chunk) => {
    expect(await verify(write(both), { chunk })).toBeUndefined();
  });

  test('is invalid when a record was changed, removed, duplicated or moved', async () => {
    const changed = both.map((event, index) =>
      index === 5 ? { ...event, message: event.message.replace('"ok"', '"denied"') } : event,
    );
    expect(await verify(write(changed))).toMatch(/^(line|event) \d+: this record was changed/);
    expect(await verify(write(both.toSpliced(5, 1)))).toMatch(/: the record before \d+ is missing$/);
    expect(await verify(write(both.toSpliced(7, 0, both[5] as LogEvent)))).toMatch(
      /: record \d+ is there twice$/,
    );
    const [moved] = both.splice(5, 1) as [LogEvent];
    expect(await verify(write(both.toSpliced(11, 0, moved)))).toMatch(/: the record before \d+ is missing$/);
    both.splice(5, 0, moved);
  });
});

describe('the first invalid line', () => {
  test('is counted from 1, with any compression, and counts other lines and empty ones', async () => {
    const text = `{"type":"log","event":"listening"}\n\n${lines(a.toSpliced(2, 1))}`;
    expect(await verify(text)).toBe('line 5: the record before 4 is missing');
    expect(await verify(gzipSync(text))).toBe('line 5: the record before 4 is missing');
    expect(await verify(filterLogEvents(a.toSpliced(2, 1)))).toBe('event 3: the record before 4 is missing');
  });

  test('does not repeat text that a client sent to the log', async () => {
    const hostile = `\x1b]0;${CONTENT}\x07\x1b[2J`;
    for (const text of [
      `${lines(a)}${hostile}\n`,
      lines(a).replace(CONTENT, hostile),
      `{"events": [{"message": "${hostile}"}]}`,
      `{"events": [{"message": "${hostile}`,
      `{"events": [{"${hostile}": 1}]}`,
      `{"events": [${hostile}}]}`,
    ]) {
      const problem = await verify(text);
      expect(problem).toMatch(/^[\w ,:]+$/);
      expect(problem).not.toContain(CONTENT);
    }
  });

  test('is one that is longer than any record', async () => {
    expect(await verify(`${lines(a)}${'x'.repeat(70_000)}`)).toBe('line 21: it has more than 65536 bytes');
    expect(await verify(`{"events":[{"message":"${'x'.repeat(70_000)}"}]}`)).toBe(
      'an event has more than 65536 bytes',
    );
  });

  test('is reported for an export that is cut off or continues after its end', async () => {
    expect(await verify(lines(a).slice(0, -9))).toBe('line 20: this is not a complete record');
    expect(await verify(filterLogEvents(a).slice(0, -90))).toMatch(/^after event 20 the JSON is cut off$/);
    expect(await verify(gzipSync(lines(a)).subarray(0, -9))).toBe('it is not a complete gzip file');
    expect(await verify(Buffer.concat([gzipSync(lines(a)), Buffer.alloc(9)]))).toMatch(
      /^the gzip file is followed by other data/,
    );
  });

  test.each(['', '\n', '{"type":"log","event":"x"}\n', '{"events":[]}'])(
    'does not exist without any record: %j',
    async (text) => {
      expect(await verify(text)).toBe('it contains no audit record');
    },
  );
});

describe('order', () => {
  const burst = recordsOf(streamOf('a'), START, 30, { every: 0 });
  const mixed = [...burst.slice(10), ...burst.slice(0, 10)];

  test('is by record number within a millisecond of CloudWatch Logs, which keeps no order there', async () => {
    expect(await verify(filterLogEvents([...mixed, ...b]))).toBeUndefined();
    expect(await verify(exportTask([...mixed, ...b]))).toBeUndefined();
    expect(await verify(filterLogEvents(mixed.toSpliced(4, 1)))).toMatch(
      /^event \d+: the record before 16 is missing$/,
    );
  });

  test('is the order of the lines in the service’s own output', async () => {
    expect(await verify(lines(mixed))).toBe('line 1: the record before 11 is missing');
  });
});

describe('an extract', () => {
  const extract = both.slice(8);

  test('may begin in the middle of as many chains as had begun, and has no other gap', async () => {
    expect(await verify(lines(extract), { begun: 2 })).toBeUndefined();
    expect(await verify(lines(extract), { begun: 1 })).toMatch(/^line \d: the record before \d is missing$/);
    expect(await verify(lines(extract.toSpliced(9, 1)), { begun: 2 })).toMatch(
      /the record before \d+ is missing$/,
    );
  });

  test('is found when it is duplicated as a whole, even beyond the memory of the check', async () => {
    const many = recordsOf(streamOf('a'), START, 10_002, { every: 1 });
    const twice = (events: readonly LogEvent[]) =>
      verify(`${lines(many)}${lines(events)}`, { chunk: 65_536 });
    expect(await twice(many)).toBe('line 10003: record 1 is there twice');
    expect(await twice(many.slice(1))).toBe(
      'line 10003: the record before 2 is missing, or record 2 is there twice',
    );
    expect(await twice(many.slice(2))).toBe('line 10003: record 3 is there twice');
  });
});

describe('npm run audit:verify', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-verify-'));
    writeFileSync(join(folder, 'key'), KEY);
    writeFileSync(join(folder, 'short'), 'short');
    writeFileSync(join(folder, 'log.gz'), gzipSync(lines(both)));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const program = programBundle('audit-verify');
  // biome-ignore lint/style/noProcessEnv: PATH, to find node
  const { PATH = '' } = process.env;
  function run(words: readonly string[], input = '', variables = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
      cwd: new URL('../..', import.meta.url).pathname,
      encoding: 'utf8',
      input,
      env: { PATH, ...variables },
    });
    return { status, stdout, stderr };
  }
  const key = () => ['--key', `file:${join(folder, 'key')}`];

  test('exits 0 for a valid file and prints the length of each chain', () => {
    expect(run([...key(), join(folder, 'log.gz')])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^good: 32 records, 2 chains, of which 0 started before the export\nThe last record of each is 12, 20\./,
      ),
    });
  });

  test('exits 1 for an invalid export on standard input and names the line', () => {
    expect(run([...key(), '-'], lines(a.toSpliced(3, 1)))).toEqual({
      status: 1,
      stdout: '',
      stderr: 'bad: line 4: the record before 5 is missing\n',
    });
  });

  test.each([
    ['lines', '', '{"type":"log","text":"', '"}\n', ''],
    ['events', '{"events":[', '{"message":"{\\"type\\":\\"log\\",', '"},', '{"message":""}]}'],
  ])(
    'reads 64 MiB of %s with 40 MiB of heap',
    (_form, head, start, end, tail) => {
      const many = `${start}${'x'.repeat(16_000)}${end}`.repeat(4096);
      const heap = { NODE_OPTIONS: '--max-old-space-size=40' };
      expect(run([...key(), '-'], `${head}${many}${tail}`, heap)).toMatchObject({
        status: 1,
        stderr: 'bad: it contains no audit record\n',
      });
    },
    90_000,
  );

  test('exits 66 when it cannot read the key or the file', () => {
    expect(run([...key(), join(folder, 'none')])).toMatchObject({
      status: 66,
      stderr: 'not checked: cannot read the export: ENOENT\n',
    });
    const short = run(['--key', `file:${join(folder, 'short')}`, '-'], lines(a));
    expect(short).toMatchObject({ status: 66, stderr: expect.stringMatching(/at least 32 bytes, got 5$/m) });
  });

  test.each([
    [[], '--key is required'],
    [['--key', KEY, '-'], '--key must be a secret reference'],
    [['--key', 'env:K'], 'exactly one file must be named'],
    [['--key', 'env:K', '--begun', 'all', '-'], '--begun must be a whole number'],
    [['--force'], "Unknown option '--force'"],
  ])('exits 64 on %j', (words, why) => {
    const { status, stderr } = run(words);
    expect(status).toBe(64);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain(KEY);
  });
});
