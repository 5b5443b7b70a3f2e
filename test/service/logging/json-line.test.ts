import { createSecretKey } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { MASKED_BY_EXPRESSION } from '../../../infra/rules/logs.ts';
import { createChainCheck } from '../../../service/logging/audit-chain.ts';
import { type AuditEvent, AuditLog, MAX_RECORD_BYTES } from '../../../service/logging/audit-log.ts';
import { jsonLine, quoted } from '../../../service/logging/json-line.ts';
import { LineWriter } from '../../../service/logging/line-writer.ts';
import { createLogger } from '../../../service/logging/logger.ts';
import { startOf } from '../../../service/well-formed.ts';
import { fc } from '../../support/property.ts';
import { BLOCKS, TOKENS } from './secrets.ts';

const key = createSecretKey(Buffer.from('k'.repeat(32)));
const RAW = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/u;

let directory: string | undefined;
afterEach(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

/** The lines that each kind of log writes. */
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
  ])('has %s as an escape, in every field, and parses to the original', async (_what, character) => {
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

  test('never contains such a character, and the chain stays valid', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 60 }), 3000);
    const lines = await linesOf(texts.map(everywhere));
    const check = createChainCheck({ key });
    for (const line of lines) {
      expect(line).not.toMatch(RAW);
      expect(check.add(line)).toBeUndefined();
    }
    expect(check.records).toBe(3000);
  });

  test('keeps letters of every script unchanged', () => {
    expect(jsonLine({ a: 'grün 日本 🙂 \u05d0' })).toBe('{"a":"grün 日本 🙂 \u05d0"}');
  });

  test('of a record has at most the reserved bytes', async () => {
    const worst = ['\u0001', '\u2028', '\ud800', '\u{e0041}', '"', '\u009b', 'é'];
    const lines = await linesOf(
      worst.flatMap((character) => {
        const event = everywhere(character.repeat(5000));
        const host = `${'a.'.repeat(2000)}org:65535`;
        const values = Array.from({ length: 7 }, () => character.repeat(40));
        return [
          { ...event, host, finalHost: host },
          { ...event, host, finalHost: host, arguments: { values } },
        ];
      }),
    );
    expect(Math.max(...lines.map((line) => Buffer.byteLength(`${line}\n`)))).toBeLessThanOrEqual(
      MAX_RECORD_BYTES,
    );
  });
});

describe('text that the log group masks', () => {
  const masks = Object.values(MASKED_BY_EXPRESSION).map((expression) => new RegExp(expression, 'g'));
  // AWS's managed identifiers, as far as they are documented: the first line of a key, and 40 characters of base64
  // near a word.
  const managed = [
    /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/g,
    /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=])/g,
  ];
  const seeds = [
    ...[
      'xBearer AAAAAAAAAAAAAAAAAAAA',
      'Bearer ======AAAAAAAAAAAA',
      '.eyJhbGciOiJu.abcd.',
      'a-eyJhbGciOiJu.abcd.',
    ],
    ...[
      'bearer ................',
      'Bearer //evil.example.net/aaaaaaa',
      'http://eyJaaaaaaaaa.aaaa.evil.net/',
      'eyJ'.repeat(9),
    ],
    ...[
      'credentials abcdefghijabcdefghijabcdefghijabcdefghij',
      'aws_secret_access_key/abcdefghijabcdefghijabcdefghijabcde=',
    ],
    ...Object.values(TOKENS).slice(0, 8),
    ...Object.values(BLOCKS),
  ];
  const piece = fc.oneof(
    fc.constantFrom(
      ...seeds,
      'Bearer ',
      'bearer ',
      'eyJ',
      '.',
      '-',
      '=',
      '/',
      ' ',
      '"',
      '\\',
      '%',
      '//',
      'https://',
      '@',
      '?token=',
    ),
    fc.stringMatching(/^[A-Za-z0-9._/+=-]{1,24}$/),
  );

  test('is replaced before: no record contains text that a mask would change', async () => {
    const texts = [
      ...seeds,
      ...fc.sample(
        fc.array(piece, { maxLength: 8 }).map((all) => all.join('')),
        4000,
      ),
    ];
    const lines = await linesOf(
      texts.map((text) => ({
        sourceIp: text,
        method: text,
        tool: text,
        reason: text,
        arguments: { url: text, [text]: 1, list: [text] },
      })),
    );
    const masked = lines
      .slice(0, -1)
      .flatMap((line) =>
        [
          ...masks,
          ...managed.slice(0, 1),
          ...(/credential|secret/i.test(line) ? managed.slice(1) : []),
        ].flatMap((mask) => line.match(mask) ?? []),
      );
    expect(masked).toEqual([]);
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
])('untrusted text, %j, is quoted, escaped and cut', (text, expected) => {
  expect(quoted(text)).toBe(expected);
});

test('a text is cut between code points', () => {
  expect(startOf('a🙂b', 2)).toBe('a');
  expect(startOf('a🙂b', 3)).toBe('a🙂');
});
