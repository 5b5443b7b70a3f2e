import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  addToken,
  EMPTY_LIST,
  expireTokens,
  leaveRoomForRotation,
  listTokens,
  MAX_MANUAL_BYTES,
  rotateToken,
} from '../../cli/token-list.ts';
import { parseTokenDocument } from '../../service/auth/token-document.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const ci = { clientId: 'ci', scopes: ['scrape'], days: 90, now };

function entry(clientId: string, expiresAt: string) {
  return {
    sha256: createHash('sha256').update(clientId).digest('hex'),
    clientId,
    scopes: ['scrape'],
    expiresAt,
  };
}

describe('the room for tokens in Secrets Manager', () => {
  /** A list of as many tokens, as the command creates them. */
  const listOf = (tokens: number) => {
    const all = Array.from({ length: tokens }, (_, index) => {
      const { document } = addToken(EMPTY_LIST, { ...ci, clientId: `laptop-${index}` });
      return JSON.parse(document).tokens[0];
    });
    return JSON.stringify({ tokens: all });
  };
  const fits = (tokens: number) => leaveRoomForRotation(listOf(tokens), EMPTY_LIST) !== '';

  test('is enough for about 310, as the documentation says', () => {
    const bytes = Buffer.byteLength(JSON.stringify(JSON.parse(listOf(1)).tokens));
    const most = Math.floor(MAX_MANUAL_BYTES / bytes);
    expect(most).toBeGreaterThan(300);
    expect(most).toBeLessThan(320);
    expect(fits(300)).toBe(true);
    const docs = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
    expect(docs).toContain('about 310 tokens.');
  });

  test('is kept for the rotation: one more is refused, with the way on, and fewer are always accepted', () => {
    const full = listOf(320);
    expect(() => leaveRoomForRotation(full, listOf(310))).toThrow(
      /^the manually created tokens would have \d+ bytes, and 49152 are the most: .*use an issuer \(docs\/identity-providers\.md\)$/,
    );
    expect(leaveRoomForRotation(listOf(319), full)).not.toBe('');
    expect(JSON.stringify({ tokens: [] }).length + MAX_MANUAL_BYTES).toBeLessThan(65_536);
  });
});

describe('a new token', () => {
  test('in its own list is known by its hash, with client, scopes and expiry', () => {
    const { token, document, dropped } = addToken(EMPTY_LIST, ci);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.parse(document)).toEqual({
      tokens: [
        {
          sha256: createHash('sha256').update(token).digest('hex'),
          clientId: 'ci',
          scopes: ['scrape'],
          expiresAt: '2027-02-20T12:00:00.000Z',
        },
      ],
    });
    expect(document).not.toContain(token);
    expect(dropped).toEqual([]);
  });

  test('in the list of a fresh deployment is the first', () => {
    expect(parseTokenDocument(addToken('{"tokens":[]}', ci).document)).toHaveLength(1);
  });

  test('keeps the tokens of other clients', () => {
    const first = addToken(EMPTY_LIST, ci);
    const second = addToken(first.document, { ...ci, clientId: 'desk' });
    expect(parseTokenDocument(second.document).map(({ principal }) => principal.clientId)).toEqual([
      'ci',
      'desk',
    ]);
    expect(second.document).toContain(createHash('sha256').update(first.token).digest('hex'));
  });

  test('is refused for a client that has one, so that no client has a second, forgotten token', () => {
    const first = addToken(EMPTY_LIST, ci);
    expect(() => addToken(first.document, ci)).toThrow('ci already has a token; rotate it');
    expect(addToken(first.document, { ...ci, now: now + 91 * 86_400_000 }).dropped).toEqual(['ci']);
  });

  test('keeps the entries of the rotation unchanged', () => {
    const { sha256, expiresAt } = entry('rotated', '2020-01-01T00:00:00Z');
    const rotated = { clientId: 'ci', scopes: ['scrape'], current: { sha256, expiresAt, versionId: 'v1' } };
    const { document, dropped } = addToken(JSON.stringify({ tokens: [rotated] }), ci);
    expect(JSON.parse(document).tokens[0]).toEqual(rotated);
    expect(dropped).toEqual([]);
  });

  test('removes expired entries and reports their clients', () => {
    const alive = entry('alive', '2026-11-22T12:00:01Z');
    const current = JSON.stringify({ tokens: [entry('gone', '2026-11-22T12:00:00Z'), alive] });
    const { document, dropped } = addToken(current, ci);
    expect(JSON.parse(document).tokens[0]).toEqual(alive);
    expect(JSON.parse(document).tokens).toHaveLength(2);
    expect(dropped).toEqual(['gone']);
  });
});

const { sha256, expiresAt } = entry('rotated', '2027-01-01T00:00:00Z');
const rotated = { clientId: 'ci', scopes: ['scrape'], current: { sha256, expiresAt } };
const other = entry('desk', expiresAt);
const second = { ...entry('ci', '2026-11-22T13:00:00.000Z'), sha256: 'a'.repeat(64) };
const list = JSON.stringify({ comment: 'kept', tokens: [entry('ci', expiresAt), other, second, rotated] });

describe('expiring a client’s tokens', () => {
  test('removes them, and keeps those of other clients and of the rotation', () => {
    const left = expireTokens(list, { clientId: 'ci', hours: 0, now });
    expect(JSON.parse(left)).toEqual({ comment: 'kept', tokens: [other, rotated] });
  });

  test('with a grace period sets their expiry, and extends none', () => {
    expect(JSON.parse(expireTokens(list, { clientId: 'ci', hours: 5, now })).tokens).toEqual([
      entry('ci', '2026-11-22T17:00:00.000Z'),
      other,
      second,
      rotated,
    ]);
  });

  test('fails without a manually created token, so that a misspelt name does not look like a revocation', () => {
    const none = JSON.stringify({ tokens: [other, rotated] });
    expect(() => expireTokens(none, { clientId: 'ci', hours: 0, now })).toThrow(
      'the list has no manually created token of ci',
    );
  });
});

describe('rotating a client’s token', () => {
  const rotation = { clientId: 'ci', hours: 24, days: 90, now };

  test('makes one with the same scopes and expires the old ones after the grace period', () => {
    const scoped = { ...entry('ci', expiresAt), scopes: ['scrape', 'other'] };
    const { token, document } = rotateToken(JSON.stringify({ tokens: [scoped, other] }), rotation);
    expect(JSON.parse(document).tokens).toEqual([
      { ...scoped, expiresAt: '2026-11-23T12:00:00.000Z' },
      other,
      {
        sha256: createHash('sha256').update(token).digest('hex'),
        ...{ clientId: 'ci', scopes: ['scrape', 'other'], expiresAt: '2027-02-20T12:00:00.000Z' },
      },
    ]);
  });

  test('without a grace period removes them', () => {
    const { document } = rotateToken(list, { ...rotation, hours: 0 });
    expect(JSON.parse(document).tokens).toEqual([
      other,
      rotated,
      expect.objectContaining({ clientId: 'ci' }),
    ]);
  });

  test('fails when the client has none, or only one of the rotation', () => {
    const none = JSON.stringify({ tokens: [other, rotated, entry('ci', '2026-11-22T12:00:00Z')] });
    expect(() => rotateToken(none, rotation)).toThrow('the list has no manually created token of ci');
  });
});

describe('tokens of the users of one client', () => {
  const now = Date.UTC(2026, 0, 1);
  const options = { clientId: 'app', scopes: ['scrape'], days: 1, now };
  const users = (document: string) => listTokens(document).map(({ userId }) => userId);
  const both = ['u-1', 'u-2'].reduce(
    (document, userId) => addToken(document, { ...options, userId }).document,
    EMPTY_LIST,
  );

  test('are separate: each user has one, and the client its own', () => {
    expect(users(addToken(both, options).document)).toEqual(['u-1', 'u-2', undefined]);
    expect(() => addToken(both, { ...options, userId: 'u-2' })).toThrow('app user u-2 already has a token');
    expect(parseTokenDocument(both).map(({ principal }) => principal.user?.subject)).toEqual(['u-1', 'u-2']);
  });

  test('expire for one user, or for all users of the client', () => {
    const all = addToken(both, options).document;
    expect(users(expireTokens(all, { ...options, hours: 0, userId: 'u-1' }))).toEqual(['u-2', undefined]);
    expect(users(expireTokens(all, { ...options, hours: 0 }))).toEqual([]);
  });

  test('are rotated for one user', () => {
    const made = rotateToken(both, { ...options, userId: 'u-1', hours: 0 });
    expect(users(made.document)).toEqual(['u-2', 'u-1']);
    expect(() => rotateToken(both, { ...options, hours: 0 })).toThrow('no manually created token of app');
  });

  test.each(['ann@corp.example', 'Ann Smith', ''])('are refused for %j, which is no identifier', (userId) => {
    expect(() => addToken(EMPTY_LIST, { ...options, userId })).toThrow('userId: must be 1 to 128 of letters');
  });
});

test('a list is shown without hashes', () => {
  const shown = listTokens(list);
  expect(shown.map(({ clientId, madeBy }) => `${clientId} ${madeBy}`)).toEqual([
    'ci administrator',
    'desk administrator',
    'ci administrator',
    'ci rotation',
  ]);
  expect(JSON.stringify(shown)).not.toMatch(/[0-9a-f]{64}/);
});

describe('refuses', () => {
  test.each([
    ['an empty current list', '', 'the token list is not JSON'],
    ['the placeholder of another secret', '"abc"', 'the token list is not usable'],
    [
      'an entry that the service would not accept',
      JSON.stringify({ tokens: [{ clientId: 'ci' }] }),
      'the token list is not usable: tokens.0.',
    ],
  ])('%s', (_what, current, message) => {
    expect(() => addToken(current, ci)).toThrow(message);
  });

  test('a scope that the service would not accept', () => {
    expect(() => addToken(EMPTY_LIST, { ...ci, scopes: ['two words'] })).toThrow('must be a scope token');
  });
});
