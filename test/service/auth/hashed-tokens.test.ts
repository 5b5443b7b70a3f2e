import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createHashedTokenVerifier } from '../../../service/auth/hashed-tokens.ts';
import { parseTokenDocument } from '../../../service/auth/token-document.ts';
import { createSecretCache } from '../../../service/secrets/secret-cache.ts';
import { entry } from '../support/tokens.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const version = (token: string, expiresAt: string) => ({ sha256: sha256(token), expiresAt });

/** The verifier over the real cache, over a store whose reads are counted. */
function verifierOf(tokens: object[]) {
  const store = { time: 0, reads: 0, down: false, tokens, logs: [] as string[] };
  const log = (event: string) => void store.logs.push(event);
  const logger = { info: log, warn: log, error: log };
  const readSecret = createSecretCache({
    async read() {
      store.reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (store.down) throw new Error('store down');
      return JSON.stringify({ tokens: store.tokens });
    },
    now: () => store.time,
    logger,
  });
  const verifier = createHashedTokenVerifier({
    document: (maxAgeMs) => readSecret({ scheme: 'env', name: 'TOKENS' }, maxAgeMs),
    now: () => START + store.time,
    logger,
  });
  const as = (token: string) =>
    verifier.verify(token).then(
      ({ clientId }) => clientId,
      ({ code, reason }) => `${code}: ${reason}`,
    );
  return { store, as };
}

describe('a token list that changes', () => {
  test('a token added seconds ago works at once', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    expect(await as('old')).toBe('alice');
    store.time = 6000;
    store.tokens = [...store.tokens, entry('new', 'bob', [])];
    expect(await as('new')).toBe('bob');
    expect(store.reads).toBe(2);
  });

  test('a removed token is refused within 60 s, in steady use and after a pause', async () => {
    for (const step of [1000, 60_000]) {
      const { store, as } = verifierOf([entry('old', 'alice', [])]);
      expect(await as('old')).toBe('alice');
      store.tokens = [];
      for (store.time = step; store.time < 60_000; store.time += step) await as('old');
      expect(await as('old')).toBe('token_invalid: unknown token');
    }
  });

  test('random tokens cost the store one read in 5 s, however many come at once', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    for (store.time = 0; store.time < 60_000; store.time += 500) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => as(`random-${store.time}-${i}`)),
      );
      expect(new Set(answers)).toEqual(new Set(['token_invalid: unknown token']));
    }
    expect(store.reads).toBeLessThanOrEqual(12);
    expect(store.reads).toBeGreaterThan(5);
  });

  test('while the store is down they cost no more, and known tokens stay good', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.down = true;
    for (store.time = 0; store.time < 60_000; store.time += 500) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => as(`random-${i}`)));
      expect(await as('old')).toBe('alice');
    }
    expect(store.reads).toBeLessThanOrEqual(13);
  });

  test('a token whose expiry was put off works at once', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [], '2026-01-01T00:00:10Z')]);
    await as('old');
    store.time = 10_000;
    store.tokens = [entry('old', 'alice', [], '2027-01-01T00:00:00Z')];
    expect(await as('old')).toBe('alice');
  });
});

describe('an entry with current and previous', () => {
  const rotated = {
    clientId: 'alice',
    scopes: ['scrape'],
    current: version('second', '2026-03-01T00:00:00Z'),
    previous: version('first', '2026-01-01T01:00:00Z'),
  };

  test('both versions are the same client until each expires', async () => {
    const { store, as } = verifierOf([rotated, entry('other', 'bob', [])]);
    expect([await as('second'), await as('first'), await as('other')]).toEqual(['alice', 'alice', 'bob']);
    store.time = 3_599_999;
    expect([await as('second'), await as('first')]).toEqual(['alice', 'alice']);
    store.time = 3_600_000;
    expect(await as('second')).toBe('alice');
    expect(await as('first')).toBe('token_invalid: token of alice expired 2026-01-01T01:00:00.000Z');
  });

  test('several previous versions are good, each until its own end', async () => {
    const previous = [
      { ...version('first', '2026-01-01T01:00:00Z'), versionId: 'v1' },
      { ...version('zeroth', '2026-01-01T00:30:00Z'), versionId: 'v0' },
    ];
    const { store, as } = verifierOf([{ ...rotated, previous }]);
    expect([await as('second'), await as('first'), await as('zeroth')]).toEqual(['alice', 'alice', 'alice']);
    store.time = 1_800_000;
    expect(await as('first')).toBe('alice');
    expect(await as('zeroth')).toMatch(/^token_invalid: token of alice expired /);
  });

  test('the first version of a client has no previous one', async () => {
    const { previous: _, ...first } = rotated;
    expect(await verifierOf([first]).as('second')).toBe('alice');
  });

  test.each([
    [{ ...rotated, sha256: sha256('third') }, 'tokens.0: Unrecognized key: "sha256"'],
    [{ ...rotated, current: version('x', 'soon') }, 'tokens.0.current.expiresAt: Invalid ISO datetime'],
    [{ ...rotated, previous: { sha256: sha256('x') } }, 'tokens.0.previous.0.expiresAt: Invalid input'],
    [{ ...rotated, current: undefined }, 'tokens.0.current: Invalid input'],
    [{ clientId: 'a', scopes: [], previous: rotated.previous }, 'tokens.0.sha256: Invalid input'],
    ['text', 'tokens.0: Invalid input'],
    [null, 'tokens.0: Invalid input'],
  ])('%j is refused by its place', (bad, problem) => {
    const text = JSON.stringify({ tokens: [bad] }, (_key, value) => (value === undefined ? null : value));
    expect(() => parseTokenDocument(text)).toThrow(`the token list is not usable: ${problem}`);
  });
});
