import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createHashedTokenVerifier, TOKEN_LIST_KEEP_MS } from '../../../service/auth/hashed-tokens.ts';
import { parseTokenDocument } from '../../../service/auth/token-document.ts';
import { createSecretCache } from '../../../service/secrets/secret-cache.ts';
import { entry } from '../support/tokens.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const version = (token: string, expiresAt: string) => ({ sha256: sha256(token), expiresAt });

/** The verifier over the real cache, over a store whose reads are counted. */
function verifierOf(tokens: object[]) {
  const store = {
    time: 0,
    reads: 0,
    down: false,
    tokens,
    text: undefined as string | undefined,
    /** While set, a read waits for it. */
    hang: undefined as Promise<void> | undefined,
    logs: [] as string[],
    fields: [] as object[],
  };
  const log = (event: string, fields = {}) => {
    store.logs.push(event);
    store.fields.push(fields);
  };
  const logger = { info: log, warn: log, error: log };
  const readSecret = createSecretCache({
    async read() {
      store.reads += 1;
      const text = store.text ?? JSON.stringify({ tokens: store.tokens });
      await (store.hang ?? new Promise((resolve) => setImmediate(resolve)));
      if (store.down) throw new Error('store down');
      return text;
    },
    now: () => store.time,
    logger,
  });
  const verifier = createHashedTokenVerifier({
    document: (maxAgeMs) => readSecret.dated({ scheme: 'env', name: 'TOKENS' }, maxAgeMs),
    monotonic: () => store.time,
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

test('a read that a newer one has overtaken restores no token', async () => {
  const quiet = () => {};
  const readings = [
    { value: JSON.stringify({ tokens: [] }), readAt: 2 },
    { value: JSON.stringify({ tokens: [entry('taken-back', 'alice', [])] }), readAt: 1 },
  ];
  const verifier = createHashedTokenVerifier({
    document: async () => readings.shift() ?? { value: JSON.stringify({ tokens: [] }), readAt: 2 },
    monotonic: () => 3,
    now: () => START,
    logger: { info: quiet, warn: quiet, error: quiet },
  });
  await expect(verifier.verify('taken-back')).rejects.toMatchObject({ code: 'token_invalid' });
  await expect(verifier.verify('taken-back')).rejects.toMatchObject({ code: 'token_invalid' });
});

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
      store.time = 60_000;
      expect(await as('old')).toBe('token_invalid: unknown token');
    }
  });

  test('random tokens cost the store one read in 5 s, however many arrive at once', async () => {
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

  test('while the store is down they cost no more, and known tokens stay valid', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.down = true;
    for (store.time = 0; store.time < 60_000; store.time += 500) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => as(`random-${i}`)));
      expect(await as('old')).toBe('alice');
    }
    expect(store.reads).toBeLessThanOrEqual(13);
  });

  test('a token whose expiry was postponed works at once', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [], '2026-01-01T00:00:10Z')]);
    await as('old');
    store.time = 10_000;
    store.tokens = [entry('old', 'alice', [], '2027-01-01T00:00:00Z')];
    expect(await as('old')).toBe('alice');
  });
});

const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a token whose revocation this server cannot see', () => {
  const gone = /^secret_unavailable: no usable token list for \d+ s$/;
  const MINUTE = 60_000;

  test('is valid for 15 minutes at most', () => expect(TOKEN_LIST_KEEP_MS).toBe(15 * MINUTE));

  test.each(['the store is down', 'the list cannot be parsed'] as const)('while %s', async (what) => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    expect(await as('old')).toBe('alice');
    if (what === 'the store is down') store.down = true;
    else store.text = '{"tokens":[],}';
    for (store.time = 1000; store.time < 15 * MINUTE; store.time += 10_000) {
      expect(await as('old')).toBe('alice');
      await settle();
    }
    store.time = 15 * MINUTE;
    expect(await as('old')).toMatch(gone);
    expect(await as('random')).toMatch(gone);
    store.time = 30 * 24 * 60 * MINUTE;
    expect(await as('old')).toMatch(gone);
    await settle();

    store.down = false;
    store.text = JSON.stringify({ tokens: [entry('new', 'bob', [])] });
    store.time += MINUTE;
    expect([await as('new'), await as('old')]).toEqual(['bob', 'token_invalid: unknown token']);
  });

  test('both in turn: the lifetime is not extended, because it counts from the last read', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.down = true;
    store.time = 14 * MINUTE;
    expect(await as('old')).toBe('alice');
    store.down = false;
    store.text = 'not a list';
    store.time += 30_000;
    await as('old');
    await settle();
    store.time = 15 * MINUTE;
    expect(await as('old')).toMatch(gone);
  });

  test('an invalid list is logged at every read, and each is evaluated at once', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.text = '{"tokens":[],}';
    for (store.time = 1000; store.time < 10 * MINUTE; store.time += 1000) {
      await as('old');
      await settle();
    }
    const told = store.logs.filter((event) => event === 'token_list_invalid').length;
    expect(told).toBeGreaterThanOrEqual(9);
    // The last read may not have been evaluated by a request yet.
    expect([0, 1]).toContain(store.reads - 1 - told);
    expect(store.fields.at(-1)).toMatchObject({ message: 'the token list is not JSON' });
    expect(store.fields[0]).toHaveProperty('ageSeconds');
  });

  test('the age of a list counts from its read, however late the first request uses it', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.time = 50_000;
    await as('old');
    await settle();
    store.down = true;
    store.time = 10 * MINUTE;
    expect(await as('old')).toBe('alice');
    store.time = 50_000 + 15 * MINUTE;
    expect(await as('old')).toMatch(gone);
  });

  test('an unchanged list that was read again is valid for another 15 minutes', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.time = 14 * MINUTE;
    await as('old');
    store.down = true;
    store.time = 28 * MINUTE;
    expect(await as('old')).toBe('alice');
  });
});

describe('the token of a hash', () => {
  const bare = (hash: string, clientId: string) => ({ ...entry('x', clientId, []), sha256: hash });

  test('is recognized by all 32 bytes, even if another entry shares some', async () => {
    const hash = Buffer.from(sha256('mine'), 'hex');
    for (let i = 0; i < hash.length; i++) {
      const near = Buffer.from(hash);
      near[i] = (near[i] ?? 0) ^ 1;
      const { as } = verifierOf([bare(near.toString('hex'), 'eve')]);
      expect(await as('mine')).toBe('token_invalid: unknown token');
    }
  });

  test('belongs to its own entry, in any order and among entries with a common start or end', async () => {
    const hash = sha256('mine');
    const near = [`${hash.slice(0, -1)}x`, `x${hash.slice(1)}`].map((text) =>
      bare(text.replace('x', hash.at(text.indexOf('x')) === '0' ? '1' : '0'), 'eve'),
    );
    const mine = bare(hash, 'alice');
    for (const order of [
      [mine, ...near],
      [...near, mine],
      [near[0] ?? mine, mine, near[1] ?? mine],
    ]) {
      expect(await verifierOf(order).as('mine')).toBe('alice');
    }
    const { as } = verifierOf([
      entry('one', 'alice', []),
      entry('two', 'bob', []),
      entry('three', 'carol', []),
    ]);
    expect([await as('three'), await as('one'), await as('two')]).toEqual(['carol', 'alice', 'bob']);
  });
});

describe('a store that hangs', () => {
  test('delays good tokens only until its first failure', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    let release: () => void = () => {};
    const hang = () => {
      store.hang = new Promise((resolve) => {
        release = resolve;
      });
    };
    hang();
    store.down = true;
    store.time = 60_000;
    const waits = as('old');
    await settle();
    release();
    expect(await waits).toBe('alice');
    for (let i = 0; i < 20; i++) {
      hang();
      store.time += 6000;
      const reads = store.reads;
      // This would outlast the read if it waited for it.
      expect(await as('old')).toBe('alice');
      expect(store.reads).toBe(reads + 1);
      release();
      await settle();
    }
  });

  test('an unknown token waits: it needs a newer list than others', async () => {
    const { store, as } = verifierOf([entry('old', 'alice', [])]);
    await as('old');
    store.down = true;
    store.time = 60_000;
    await as('old');
    store.down = false;
    store.tokens = [entry('new', 'bob', [])];
    store.time += 6000;
    expect(await as('new')).toBe('bob');
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

  test('several previous versions are valid, each until its own expiry', async () => {
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
    [{ ...rotated, sha256: sha256('third') }, 'tokens.0: has an unknown member'],
    [{ ...rotated, current: version('x', 'soon') }, 'tokens.0.current.expiresAt: Invalid ISO datetime'],
    [{ ...rotated, previous: { sha256: sha256('x') } }, 'tokens.0.previous.0.expiresAt: Invalid input'],
    [{ ...rotated, current: undefined }, 'tokens.0.current: Invalid input'],
    [{ clientId: 'a', scopes: [], previous: rotated.previous }, 'tokens.0.sha256: Invalid input'],
    ['text', 'tokens.0: Invalid input'],
    [null, 'tokens.0: Invalid input'],
  ])('%j is refused, and the error names its position', (bad, problem) => {
    const text = JSON.stringify({ tokens: [bad] }, (_key, value) => (value === undefined ? null : value));
    expect(() => parseTokenDocument(text)).toThrow(`the token list is not usable: ${problem}`);
  });
});
