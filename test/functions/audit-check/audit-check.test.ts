import { openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CheckEvent,
  createHandler,
  type HandlerOptions,
} from '../../../functions/audit-check/handler.ts';
import { LineWriter } from '../../../service/logging/line-writer.ts';
import { createLogger } from '../../../service/logging/logger.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../../service/support/secrets-manager.ts';
import { CONTENT, HOUR, KEY, MINUTE, recordsOf, SECOND, streamOf } from './support/chains.ts';
import {
  type CloudWatchLogsStandIn,
  LOG_GROUP,
  type LogEvent,
  startCloudWatchLogs,
} from './support/cloudwatch-logs.ts';

const KEY_ID = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-test/audit-key-AbCdEf';
const NOW = Date.parse('2026-01-01T12:00:00Z');
const output = join(tmpdir(), `mcp-audit-check-${process.pid}.log`);
const [a, b, c] = [streamOf('a'), streamOf('b'), streamOf('c')];

let logs: CloudWatchLogsStandIn;
let secrets: SecretsManagerStandIn;
beforeAll(async () => {
  logs = await startCloudWatchLogs();
  secrets = await startSecretsManager({});
});
afterAll(async () => {
  await logs.close();
  await secrets.close();
  rmSync(output);
});
beforeEach(() => {
  Object.assign(logs, {
    events: [],
    pageSize: 10_000,
    emptyPages: 0,
    failure: undefined,
    failFrom: undefined,
    masks: undefined,
    mostAtOnce: 0,
  });
  logs.requests.length = 0;
  secrets.fail(undefined);
  secrets.secrets.set('Mcp-test/audit-key', KEY);
});

interface Run {
  readonly text: string;
  readonly lines: readonly Record<string, unknown>[];
  readonly broken: readonly Record<string, unknown>[];
  /** What the runtime would log. */
  readonly error: string | undefined;
}

/** One call of the function. */
async function check(options: Partial<HandlerOptions> = {}, event?: CheckEvent): Promise<Run> {
  const writer = new LineWriter(openSync(output, 'w'), 1024 * 1024);
  const client = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'CHECK', secretAccessKey: 'testing' },
    maxAttempts: 1,
  };
  const handle = createHandler({
    logGroupName: LOG_GROUP,
    keySecretId: KEY_ID,
    logs: new CloudWatchLogsClient({ ...client, endpoint: logs.url }),
    secrets: new SecretsManagerClient({ ...client, endpoint: secrets.url }),
    now: () => NOW,
    monotonic: () => performance.now(),
    logger: createLogger(writer, () => NOW),
    ...options,
  });
  const error = await handle(event).then(
    () => undefined,
    (thrown: unknown) => String(thrown),
  );
  await writer.flush();
  const text = readFileSync(output, 'utf8');
  const lines = text.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
  expect(text + error).not.toContain(CONTENT);
  expect(text + error).not.toContain(KEY);
  return { text, lines, broken: lines.filter(({ event }) => event === 'audit_chain_broken'), error };
}

/** Three tasks: one from before the window, two that begin in it. */
function sound(): LogEvent[] {
  return [
    ...recordsOf(a, NOW - 3 * HOUR, 200),
    ...recordsOf(b, NOW - 16 * MINUTE, 20),
    ...recordsOf(c, NOW - 14 * MINUTE, 20, { every: SECOND }),
  ];
}

function within(event: LogEvent): boolean {
  return event.timestamp >= NOW - 17 * MINUTE && event.timestamp < NOW - 5 * MINUTE;
}

const indexIn = (events: readonly LogEvent[], stream: string, seq: number) =>
  events.findIndex((event) => event.stream === stream && event.message.includes(`"seq":${seq},`));

describe('sound chains', () => {
  test('of several tasks are counted, and nothing is wrong with them', async () => {
    logs.events = sound();
    const { lines, error } = await check();
    expect(error).toBeUndefined();
    expect(lines).toEqual([
      {
        type: 'log',
        time: '2026-01-01T12:00:00.000Z',
        level: 'info',
        event: 'audit_chain_checked',
        records: sound().filter(within).length,
        streams: 3,
        broken: 0,
        start: '2026-01-01T11:43:00.000Z',
        end: '2026-01-01T11:55:00.000Z',
      },
    ]);
  });

  test('may share a millisecond, in any order, and other lines may stand among them', async () => {
    const events = recordsOf(a, NOW - 10 * MINUTE, 50, { every: 0 });
    const other = { stream: a, timestamp: NOW - 10 * MINUTE, message: '{"type":"log","event":"x"}' };
    logs.events = [...events.toReversed(), other, ...recordsOf(b, NOW - 10 * MINUTE, 50, { every: 0 })];
    logs.pageSize = 7;
    expect(await check()).toMatchObject({ error: undefined, broken: [] });
    // Fifteen pages for that minute, one for each other.
    expect(logs.requests).toHaveLength(26);
  });

  test('are read minute by minute within the window, audit records only, and as they were written', async () => {
    logs.events = sound();
    logs.masks = /scrape_url/g;
    expect(await check()).toMatchObject({
      broken: [],
      lines: [{ event: 'audit_chain_checked', records: sound().filter(within).length }],
    });
    const minutes = logs.requests
      .slice(0, 12)
      .sort((x, y) => Number(x['startTime']) - Number(y['startTime']));
    for (const [index, request] of minutes.entries()) {
      expect(request).toEqual({
        logGroupName: LOG_GROUP,
        startTime: NOW - (17 - index) * MINUTE,
        endTime: NOW - (16 - index) * MINUTE - 1,
        filterPattern: '{ $.type = "audit" }',
        unmask: true,
      });
    }
    // The last is for what the first task wrote before.
    expect(logs.requests).toHaveLength(13);
    expect(logs.requests[12]).toMatchObject({ logStreamNames: [a], unmask: true });
    expect(logs.mostAtOnce).toBeLessThanOrEqual(4);
  });

  test('of a late run are those of the time that its event has', async () => {
    logs.events = sound();
    const { lines } = await check({ now: () => NOW + HOUR }, { time: '2026-01-01T12:00:00Z' });
    expect(lines).toMatchObject([
      { records: sound().filter(within).length, end: '2026-01-01T11:55:00.000Z' },
    ]);
  });

  test.each([undefined, 'soon', 7, '2026-01-01T12:00:01Z'])(
    'are those until now when the event has the time %p',
    async (time) => {
      expect((await check({}, { time })).lines).toMatchObject([{ end: '2026-01-01T11:55:00.000Z' }]);
    },
  );

  test('an empty log is sound', async () => {
    expect(await check()).toMatchObject({ error: undefined, lines: [{ records: 0, streams: 0 }] });
  });
});

const changed = (message: string) => message.replace('"outcome":"ok"', '"outcome":"denied"');

describe('a broken chain is told with its stream, and the others are sound', () => {
  const ways: [string, (events: LogEvent[], index: number) => LogEvent[], object][] = [
    [
      'changed',
      (events, at) =>
        events.map((one, index) => (index === at ? { ...one, message: changed(one.message) } : one)),
      { seq: 5, problem: 'this record was changed, or was signed with another key' },
    ],
    [
      'removed',
      (events, at) => events.toSpliced(at, 1),
      { seq: 6, problem: 'the record before 6 is missing' },
    ],
    [
      'doubled',
      (events, at) => events.toSpliced(at, 0, events[at] as LogEvent),
      { seq: 5, problem: 'record 5 is there twice' },
    ],
    [
      'inserted',
      (events, at) => {
        const [forged] = recordsOf(b, 0, 5, { key: 'x'.repeat(64) }).slice(-1);
        return events.toSpliced(at, 0, { ...(forged as LogEvent), timestamp: events[at]?.timestamp ?? 0 });
      },
      { seq: 5, problem: 'this record was changed, or was signed with another key' },
    ],
    [
      'moved to another stream',
      (events, at) => events.map((one, index) => (index === at ? { ...one, stream: c } : one)),
      { seq: 6, problem: 'the record before 6 is missing' },
    ],
    [
      'masked',
      (events, at) =>
        events.map((one, index) =>
          index === at ? { ...one, message: one.message.replace('scrape_url', '**********') } : one,
        ),
      { seq: 5, problem: 'this record was changed, or was signed with another key' },
    ],
    [
      'without a number',
      (events, at) =>
        events.toSpliced(at, 0, { ...(events[at] as LogEvent), message: '{"type":"audit","seq":"x"}' }),
      { problem: 'this is not a complete record' },
    ],
    [
      'not JSON',
      (events, at) =>
        events.toSpliced(at, 0, { ...(events[at] as LogEvent), message: `{"type":"audit",${CONTENT}` }),
      { problem: 'this is not a complete record' },
    ],
  ];

  test.each(ways)('%s', async (_how, tamper, expected) => {
    const events = sound();
    logs.events = tamper(events, indexIn(events, b, 5));
    const { broken, lines, error } = await check();
    const {
      type: _type,
      time: _time,
      ...line
    } = broken.find(({ stream }) => stream === 'mcp/mcp/bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb') ?? {};
    expect(line).toEqual({
      level: 'error',
      event: 'audit_chain_broken',
      stream: 'mcp/mcp/bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb',
      ...expected,
    });
    // The stream that a record was moved to is broken as well.
    expect(broken.length).toBe(_how === 'moved to another stream' ? 2 : 1);
    expect(lines.at(-1)).toMatchObject({ event: 'audit_chain_checked', broken: broken.length });
    expect(error).toBeUndefined();
  });

  test.each([
    ['a minute', MINUTE, 400],
    ['three hours', 3 * HOUR, 12],
    ['four days', 96 * HOUR, 4],
  ])('at the seam of two runs, with %s between two records', async (_every, every, count) => {
    const all = [
      ...recordsOf(a, NOW - 6 * MINUTE - every * (count - 1), count, { every }),
      // Somebody else's in between are no predecessors.
      ...recordsOf(b, NOW - 80 * MINUTE, 20),
    ];
    logs.events = all;
    expect(await check()).toMatchObject({ error: undefined, broken: [] });
    const first = all.find((event) => event.stream === a && within(event));
    const before = JSON.parse(first?.message ?? '').seq - 1;
    logs.events = all.toSpliced(indexIn(all, a, before), 1);
    expect((await check()).broken).toMatchObject([
      { seq: before + 1, problem: `the record before ${before + 1} is missing` },
    ]);
  });

  test('also where more records share the millisecond before the window than are read', async () => {
    const edge = NOW - 17 * MINUTE;
    const all = recordsOf(a, edge - 1, 250, { every: 0 }).map((event, index) =>
      index < 200 ? event : { ...event, timestamp: edge + index },
    );
    logs.events = all;
    expect(await check()).toMatchObject({ error: undefined, broken: [] });
    logs.events = all.toSpliced(indexIn(all, a, 220), 1);
    expect((await check()).broken).toMatchObject([{ seq: 221 }]);
    logs.events = all.toSpliced(indexIn(all, a, 200), 1);
    expect((await check()).broken).toMatchObject([{ seq: 201, problem: 'the record before 201 is missing' }]);
  });

  test('and a duplicate, however many records ago the original was', async () => {
    const all = recordsOf(a, NOW - 10 * MINUTE, 11_000, { every: 1 });
    const copy = { ...(all[2] as LogEvent), timestamp: NOW - 6 * MINUTE };
    logs.events = [...all, copy];
    expect((await check()).broken).toMatchObject([{ seq: 3, problem: 'record 3 is there twice' }]);
  });

  test('and up to a hundred streams, of more it gives the number', async () => {
    logs.events = Array.from({ length: 120 }, (_, index) => ({
      stream: `mcp/mcp/${index}`,
      timestamp: NOW - 10 * MINUTE,
      message: '{"type":"audit"}',
    }));
    const { broken, lines } = await check();
    expect(broken).toHaveLength(100);
    expect(lines.at(-1)).toMatchObject({ event: 'audit_chain_checked', broken: 120 });
  });

  test('also behind empty pages', async () => {
    const all = recordsOf(a, NOW - 6 * HOUR - 6 * MINUTE, 3, { every: 3 * HOUR });
    logs.events = all.toSpliced(1, 1);
    logs.emptyPages = 19;
    expect((await check()).broken).toMatchObject([{ seq: 3 }]);
  });
});

describe('a run that cannot check everything fails, and says why', () => {
  const failed = 'Error: the check failed; see the line audit_check_failed';

  test.each<[string, () => void, object]>([
    [
      'the log cannot be read',
      () => {
        logs.failure = 'AccessDeniedException';
      },
      { error: 'AccessDeniedException' },
    ],
    [
      'the key cannot be read',
      () => secrets.fail('AccessDeniedException'),
      { error: 'AccessDeniedException' },
    ],
    [
      'there is no key',
      () => secrets.fail('ResourceNotFoundException'),
      { error: 'ResourceNotFoundException' },
    ],
    [
      'the key is too short',
      () => secrets.secrets.set('Mcp-test/audit-key', 'short'),
      { message: 'the audit key must have at least 32 bytes, got 5' },
    ],
  ])('%s', async (_why, arrange, expected) => {
    logs.events = sound();
    arrange();
    const { lines, error } = await check();
    expect(error).toBe(failed);
    expect(lines.at(-1)).toMatchObject({ level: 'error', event: 'audit_check_failed', ...expected });
  });

  test('there are more pages than the time allows: what was read without a gap before it is checked', async () => {
    const all = ['a', 'b'].flatMap((digit) =>
      recordsOf(streamOf(digit), NOW - 16.5 * MINUTE, 60, { every: 10 * SECOND }),
    );
    let clock = 0;
    const short = () => ({ monotonic: () => clock++, maxMs: clock + 5 });
    logs.events = all;
    const { lines, broken, error } = await check(short());
    expect(error).toBe(failed);
    expect(broken).toEqual([]);
    expect(lines).toMatchObject([
      { event: 'audit_chain_checked', streams: 2 },
      {
        event: 'audit_check_failed',
        message: expect.stringMatching(/was not read: all after the first 4 of 12 minutes$/),
      },
    ]);
    clock = 0;
    logs.events = all.toSpliced(indexIn(all, a, 3), 1);
    expect((await check(short())).broken).toMatchObject([{ seq: 4 }]);
    // With several pages a minute, there are gaps where the second ones are unread.
    clock = 0;
    logs.events = all;
    logs.pageSize = 4;
    expect(await check(short())).toMatchObject({
      broken: [],
      lines: [{}, { message: expect.stringMatching(/all after the first 0 of 12 minutes$/) }],
    });
  });

  test('a page cannot be read: what the others show is reported', async () => {
    const all = recordsOf(a, NOW - 16.5 * MINUTE, 60, { every: 10 * SECOND });
    logs.events = all.map((one) =>
      one.message.includes('"seq":2,') ? { ...one, message: changed(one.message) } : one,
    );
    logs.failFrom = NOW - 8 * MINUTE;
    const { broken, lines } = await check();
    expect(broken).toMatchObject([{ seq: 2 }]);
    expect(lines.at(-1)).toMatchObject({ event: 'audit_check_failed', error: 'ThrottlingException' });
  });

  test('what a task wrote before is behind too many empty pages', async () => {
    logs.events = recordsOf(a, NOW - 3 * HOUR - 6 * MINUTE, 2, { every: 3 * HOUR });
    logs.emptyPages = 20;
    const { lines, error } = await check();
    expect(error).toBe(failed);
    expect(lines.at(-1)?.['message']).toMatch(/not read: the earlier records of mcp\/mcp\/aaaaaaaa-\S+$/);
  });
});
