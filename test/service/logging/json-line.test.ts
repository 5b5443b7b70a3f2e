import { createSecretKey } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { MASKS } from '../../../service/environment/bounds.ts';
import { createChainCheck } from '../../../service/logging/audit-chain.ts';
import { type AuditEvent, AuditLog, MAX_RECORD_BYTES } from '../../../service/logging/audit-log.ts';
import { jsonLine, quoted } from '../../../service/logging/json-line.ts';
import { LineWriter } from '../../../service/logging/line-writer.ts';
import { createLogger } from '../../../service/logging/logger.ts';
import { startOf } from '../../../service/well-formed.ts';
import { anyText } from '../../support/any-text.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';
import { BLOCKS, TOKENS } from './secrets.ts';

const key = createSecretKey(Buffer.from('k'.repeat(32)));
const RAW = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/u;

let directory: string | undefined;
afterEach(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

/** The lines that a log of each kind writes. */
async function linesOf(events: readonly Partial<AuditEvent>[], fields: object = {}): Promise<string[]> {
  directory ??= mkdtempSync(join(tmpdir(), 'mcp-lines-'));
  const file = join(directory, 'lines');
  const writer = new LineWriter(openSync(file, 'w'), 64 * 1024 * 1024);
  const logger = createLogger(writer, Date.now);
  const log = new AuditLog({ writer, key, now: Date.now, logger });
  const base = {
    requestId: 'c0ffee00-1234-4abc-8def-0123456789ab',
    outcome: 'ok',
    durationMs: 1,
    resultBytes: 2,
  } as const;
  for (const event of events) {
    log.admit();
    log.record({ ...base, ...event });
  }
  logger.warn('test', { ...fields });
  await writer.flush();
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

/** All text that a client chooses. */
const everywhere = (text: string): Partial<AuditEvent> => ({
  ...{ clientId: text, sourceIp: text, protocolVersion: text, method: text, tool: text, reason: text },
  arguments: { [text]: text, list: [text] },
});

describe('a line', () => {
  test.each([
    ['DEL', '\u007f'],
    ['C1: next line', '\u0085'],
    ['C1: control sequence introducer', '\u009b31m'],
    ['line separator', '\u2028'],
    ['paragraph separator', '\u2029'],
    ['right-to-left override', '\u202e'],
    ['isolate', '\u2066'],
    ['zero width space', '\u200b'],
    ['byte order mark', '\ufeff'],
    ['Arabic letter mark', '\u061c'],
    ['soft hyphen', '\u00ad'],
    ['tag character', '\u{e0041}'],
    ['variation selector of plane 14', '\u{e0101}'],
    ['half a surrogate pair', '\ud83d'],
    ['other half', '\udc00'],
    ['escape', '\u001b[2J'],
  ])('has %s as an escape, in every field, and reads back as it was', async (_what, character) => {
    const text = `a${character}b`;
    const lines = await linesOf([everywhere(text)], { [text]: text });
    for (const line of lines) {
      expect(line).not.toContain(character);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
    }
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ method: text, arguments: { [text]: text } });
    const check = createChainCheck({ key });
    expect(lines.map((line) => check.add(line))).toEqual([undefined, undefined]);
    expect(check.records).toBe(1);
  });

  test('of whatever text has no such character, and the chain of all holds', async () => {
    const texts = fc.sample(anyText({ maxLength: 60 }), 3000);
    const lines = await linesOf(texts.map(everywhere));
    const check = createChainCheck({ key });
    for (const line of lines) {
      same(RAW.exec(line), null);
      same(check.add(line), undefined);
    }
    expect(check.records).toBe(3000);
  });

  test('leaves letters of every script as they are', () => {
    expect(jsonLine({ a: 'grün 日本 🙂 \u05d0' })).toBe('{"a":"grün 日本 🙂 \u05d0"}');
  });

  test('of a record has at most the bytes that are reserved for it', async () => {
    const worst = ['\u0001', '\u2028', '\ud800', '\u{e0041}', '"', '\u009b', 'é'];
    const lines = await linesOf(
      worst.flatMap((character) => {
        const event = everywhere(character.repeat(5000));
        const host = `${'a.'.repeat(2000)}org:65535`;
        const values = Array.from({ length: 7 }, () => character.repeat(40));
        return [
          { ...event, host, finalHost: host },
          { ...event, host, finalHost: host, arguments: { values } },
          {
            ...event,
            host,
            finalHost: host,
            arguments: { values },
            tool: undefined,
            resource: character.repeat(5000),
          },
        ];
      }),
    );
    expect(Math.max(...lines.map((line) => Buffer.byteLength(`${line}\n`)))).toBeLessThanOrEqual(
      MAX_RECORD_BYTES,
    );
  });
});

describe('text that the log group masks', () => {
  const masks = Object.values(MASKS).map((expression) => new RegExp(expression));
  /** Texts that a mask matches, or nearly. Some do so only as JSON: after the escape of a backspace or a lone surrogate. */
  const seeds = [
    ...[
      'xBearer AAAAAAAAAAAAAAAAAAAA',
      'Bearer ======AAAAAAAAAAAA',
      '.eyJhbGciOiJu.abcd.',
      'a-eyJhbGciOiJu.abcd.',
    ],
    ...[
      'https://example.com/monkeyJumping-around.html.txt',
      '/keyJabcdefgh.abcd.',
      'ballbearer standard-size-large',
    ],
    ...['bearer ................', 'Bearer //evil.example.net/aaaaaaa', 'http://eyJaaaaaaaaa.aaaa.evil.net/'],
    ...['eyJ'.repeat(9), 'credentials abcdefghijabcdefghijabcdefghijabcdefghij'],
    ...[
      '\bearer AAAAAAAAAAAAAAAA',
      '\u000eyJhbGciOiJu.abcd.',
      '\ud8eeyJhbGciOiJu.abcd.',
      '\u200eyJhbGciOiJu.abcd.',
    ],
    ...[
      'aws_secret_access_key/abcdefghijabcdefghijabcdefghijabcde=',
      'SecretAccessKey: abcdefghijabcdefghijabcdefghijabcdefghij',
    ],
    ...[
      'AWS_SECRET_ACCESS_KEY=abcdefghijabcdefghijabcdefghijabcdefghij',
      '-----BEGIN PRIVATE KEY',
      '-----BEGIN  PRIVATE KEY\\',
    ],
    ...Object.values(TOKENS).slice(0, 8),
    ...Object.values(BLOCKS),
  ];
  const piece = fc.oneof(
    fc.constantFrom(
      ...seeds,
      ...[
        'Bearer ',
        'bearer ',
        'earer ',
        'eyJ',
        'yJ',
        'AKIA',
        'ASIA',
        'secret',
        'access',
        'key',
        '-----BEGIN ',
      ],
      ...['.', '-', '=', '/', ' ', '"', '\\', '%', '//', 'https://', '@', '?token=', '\b', '\f', '\n'],
      ...['\u000e', '\u001b', '\ud8ee', '\udb8e', '\u200e', '\u2028', '\u{e0041}', 'é'],
    ),
    fc.stringMatching(/^[A-Za-z0-9._/+=-]{1,24}$/),
  );
  const texts = () => [
    ...seeds,
    ...fc.sample(
      fc.array(piece, { maxLength: 8 }).map((all) => all.join('')),
      2000,
    ),
  ];
  const maskedIn = (lines: readonly string[]) =>
    lines.filter((line) => line.startsWith('{"type":"audit"') && masks.some((mask) => mask.test(line)));

  test('no record has, whatever a client sends in any field, and every chain holds', async () => {
    const given = texts();
    // Unredacted, most of these would be masked.
    expect(
      given.filter((text) => masks.some((mask) => mask.test(JSON.stringify(text)))).length,
    ).toBeGreaterThan(500);
    const lines = await linesOf(
      given.map((text) => ({
        ...everywhere(text),
        host: text,
        finalHost: text,
        requestId: text,
        errorCode: text,
      })),
    );
    expect(maskedIn(lines)).toEqual([]);
    const check = createChainCheck({ key });
    for (const line of lines) same(check.add(line), undefined);
    expect(check.records).toBe(given.length);
  });

  test('is replaced where it stands, and the rest of a client id stays', async () => {
    const [line = ''] = await linesOf([
      { clientId: 'https://a.example/eyJhbGciOiJu.abcd./x', tool: '\bearer AAAAAAAAAAAAAAAA' },
    ]);
    expect(JSON.parse(line)).toMatchObject({
      clientId: 'https://a.example/[REDACTED]/x',
      tool: '[REDACTED]',
    });
  });

  test('is written in the syntax of custom data identifiers, and ends with the string that it is in', () => {
    expect(Object.keys(MASKS).length).toBeLessThanOrEqual(10);
    for (const [name, expression] of Object.entries(MASKS)) {
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
      expect(expression).toMatch(/^[A-Za-z0-9_#=@/;,\- ^$?[\]{}|\\*+.]{1,200}$/);
      for (const text of texts())
        same(
          new RegExp(expression).exec(`["${text.replaceAll('"', '')}","${text}"]`)?.[0].includes('"') ??
            false,
          false,
        );
    }
  });
});

test.each([
  [undefined, '(none)'],
  ['', '""'],
  ['text/html', 'text/html'],
  ['a b', '"a b"'],
  ['x" outcome "ok', '"x\\" outcome \\"ok"'],
  ['\u009b31m\u202e', '"\\u009b31m\\u202e"'],
  ['y'.repeat(200), `"${'y'.repeat(128)}…"`],
  [`${'y'.repeat(127)}🙂`, `"${'y'.repeat(127)}…"`],
])('a text of a stranger, %j, is quoted, escaped and cut', (text, expected) => {
  expect(quoted(text)).toBe(expected);
});

test('a text is cut between code points', () => {
  expect(startOf('a🙂b', 2)).toBe('a');
  expect(startOf('a🙂b', 3)).toBe('a🙂');
});
