import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseTokenDocument } from '../../../service/auth/token-document.ts';

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const good = {
  clientId: 'alice',
  scopes: ['scrape'],
  sha256: sha256('a'),
  expiresAt: '2999-01-01T00:00:00Z',
};
const other = { ...good, sha256: sha256('b') };
const listOf = (...tokens: unknown[]) => JSON.stringify({ tokens });
const scopes = (count: number) => Array.from({ length: count }, (_, i) => `scope${i}`);
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...good, sha256: sha256(`${i}`) }));
/** A secret that was pasted into the wrong place. */
const PASTED = 'Zq8vPlaintextTokenPastedAsKey';

describe('an invalid token list is refused as a whole, with the position and the rule, without quoting it', () => {
  const HEX = 'tokens.0.sha256: must be 64 lower-case hex digits';
  const CLIENT = 'tokens.0.clientId: must be 1 to 64 of letters, digits and _.@:-';
  const SCOPE = 'tokens.0.scopes.0: must be a scope token (RFC 6749 §3.3)';
  const MEMBER = 'tokens.0: has an unknown member';
  test.each([
    ['a hash that is too short', { ...good, sha256: good.sha256.slice(1) }, HEX],
    ['a hash that is too long', { ...good, sha256: `${good.sha256}0` }, HEX],
    ['a hash in upper case', { ...good, sha256: good.sha256.toUpperCase() }, HEX],
    ['a hash that is not hex', { ...good, sha256: `g${good.sha256.slice(1)}` }, HEX],
    ['a hash with a line break', { ...good, sha256: `${good.sha256}\n` }, HEX],
    ['a token for a hash', { ...good, sha256: PASTED }, HEX],
    ['no client', { ...good, clientId: '' }, CLIENT],
    ['a client with a blank', { ...good, clientId: 'a b' }, CLIENT],
    ['a client with a line break', { ...good, clientId: 'a\n' }, CLIENT],
    ['a client with a slash', { ...good, clientId: 'a/b' }, CLIENT],
    ['a client that is too long', { ...good, clientId: 'a'.repeat(65) }, CLIENT],
    ['a client that is a number', { ...good, clientId: 5 }, 'tokens.0.clientId: Invalid input'],
    ['no scope', { ...good, scopes: [''] }, SCOPE],
    ['a scope with a blank', { ...good, scopes: ['a b'] }, SCOPE],
    ['a scope with a quote', { ...good, scopes: ['a"'] }, SCOPE],
    ['a scope with a backslash', { ...good, scopes: ['a\\'] }, SCOPE],
    ['a scope that is too long', { ...good, scopes: ['a'.repeat(65)] }, SCOPE],
    ['a text for scopes', { ...good, scopes: 'scrape' }, 'tokens.0.scopes: Invalid input'],
    ['65 scopes', { ...good, scopes: scopes(65) }, 'tokens.0.scopes: Too big'],
    ['a date without a zone', { ...good, expiresAt: '2999-01-01T00:00:00' }, 'tokens.0.expiresAt: Invalid'],
    ['a date without a time', { ...good, expiresAt: '2999-01-01' }, 'tokens.0.expiresAt: Invalid'],
    ['a member that is not known', { ...good, [PASTED]: '' }, MEMBER],
    [
      'a member that is not known in a version',
      {
        clientId: 'a',
        scopes: [],
        current: { sha256: good.sha256, expiresAt: good.expiresAt, [PASTED]: '' },
      },
      'tokens.0.current: has an unknown member',
    ],
    ['a list for an entry', [PASTED], 'tokens.0: Invalid input'],
  ])('%s', (_what, bad, rule) => {
    const refused = () => parseTokenDocument(listOf(bad));
    expect(refused).toThrow(`the token list is not usable: ${rule}`);
    expect(refused).not.toThrow(/Zq8v|[0-9a-f]{32}/i);
  });

  test.each([
    [PASTED, 'the token list is not JSON'],
    ['{"tokens":[],}', 'the token list is not JSON'],
    [JSON.stringify(PASTED), 'the token list is not usable: Invalid input: expected object'],
    [JSON.stringify({ [PASTED]: [] }), 'the token list is not usable: tokens: Invalid input: expected array'],
    [listOf(...many(1001)), 'the token list is not usable: tokens: Too big'],
    [listOf(good, other, good), 'the token list is not usable: tokens.2: has the same token as tokens.0'],
    [
      listOf(other, {
        clientId: 'bob',
        scopes: [],
        current: { sha256: good.sha256, expiresAt: good.expiresAt },
        previous: { sha256: other.sha256, expiresAt: good.expiresAt },
      }),
      'the token list is not usable: tokens.1: has the same token as tokens.0',
    ],
  ])('%.60s', (text, rule) => {
    expect(() => parseTokenDocument(text)).toThrow(rule);
    expect(() => parseTokenDocument(text)).not.toThrow(/Zq8v|[0-9a-f]{32}/i);
  });
});

test('a list at its bounds is accepted', () => {
  const entry = { ...good, clientId: `${'a'.repeat(60)}.@:-`, scopes: [...scopes(63), '!#[]~'.repeat(12)] };
  expect(parseTokenDocument(listOf(entry))[0]?.principal).toEqual({
    clientId: entry.clientId,
    scopes: new Set(entry.scopes),
  });
  expect(parseTokenDocument(listOf(...many(1000)))).toHaveLength(1000);
  expect(parseTokenDocument(listOf())).toEqual([]);
});
