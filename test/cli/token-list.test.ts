import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { addToken, removeTokens } from '../../cli/token-list.ts';
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

describe('a new token', () => {
  test('in a list of its own is known by its hash, with client, scopes and expiry', () => {
    const { token, document, dropped } = addToken(undefined, ci);
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

  test('takes no other client’s token away', () => {
    const first = addToken(undefined, ci);
    const second = addToken(first.document, { ...ci, clientId: 'desk' });
    const third = addToken(second.document, ci);
    expect(parseTokenDocument(third.document).map(({ principal }) => principal.clientId)).toEqual([
      'ci',
      'desk',
      'ci',
    ]);
    expect(third.document).toContain(createHash('sha256').update(first.token).digest('hex'));
  });

  test('leaves the entries of the rotation as they are', () => {
    const { sha256, expiresAt } = entry('rotated', '2020-01-01T00:00:00Z');
    const rotated = { clientId: 'ci', scopes: ['scrape'], current: { sha256, expiresAt, versionId: 'v1' } };
    const { document, dropped } = addToken(JSON.stringify({ tokens: [rotated] }), ci);
    expect(JSON.parse(document).tokens[0]).toEqual(rotated);
    expect(dropped).toEqual([]);
  });

  test('leaves expired entries out and tells whose they were', () => {
    const alive = entry('alive', '2026-11-22T12:00:01Z');
    const current = JSON.stringify({ tokens: [entry('gone', '2026-11-22T12:00:00Z'), alive] });
    const { document, dropped } = addToken(current, ci);
    expect(JSON.parse(document).tokens[0]).toEqual(alive);
    expect(JSON.parse(document).tokens).toHaveLength(2);
    expect(dropped).toEqual(['gone']);
  });
});

describe('removing a client’s tokens', () => {
  const { sha256, expiresAt } = entry('rotated', '2027-01-01T00:00:00Z');
  const rotated = { clientId: 'ci', scopes: ['scrape'], current: { sha256, expiresAt } };
  const other = entry('desk', expiresAt);
  const second = { ...entry('ci', expiresAt), sha256: 'a'.repeat(64) };
  const list = JSON.stringify({ tokens: [entry('ci', expiresAt), other, second, rotated] });

  test('leaves those of others and of the rotation', () => {
    expect(JSON.parse(removeTokens(list, 'ci'))).toEqual({ tokens: [other, rotated] });
  });

  test('fails when there is none made by hand, so that a misspelt name is no revocation', () => {
    const none = JSON.stringify({ tokens: [other, rotated] });
    expect(() => removeTokens(none, 'ci')).toThrow('the list has no token of ci made by hand');
  });
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
    expect(() => addToken(undefined, { ...ci, scopes: ['two words'] })).toThrow('must be a scope token');
  });
});
