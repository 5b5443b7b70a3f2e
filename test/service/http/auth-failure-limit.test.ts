import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import { createAuthFailureLimit } from '../../../service/limits/auth-failure-limit.ts';
import { claimsOf, createSigningKey, sign, startIssuer } from '../support/issuer.ts';
import { oauthVerifier } from '../support/oauth-app.ts';
import { answerOf, callOf, type RunningApp, type StartOptions, startApp } from '../support/start-app.ts';
import { TOKEN_DOCUMENT, TOKENS } from '../support/tokens.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const OFFICE = '198.51.100.7';
const HOME = '203.0.113.9';

/** The pipeline behind one proxy, over a token list whose reads are counted, on a clock that a test sets. */
async function start(options: StartOptions = {}) {
  const clock = { time: START };
  const list = { looks: 0, delayMs: 0 };
  const app = await startApp({
    trustedHops: 1,
    now: () => clock.time,
    async tokenDocument(maxAgeMs) {
      // For every token the verifier reads the list once; only the second read, for an unknown token, has a maximum
      // age.
      if (maxAgeMs === undefined) list.looks += 1;
      if (list.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, list.delayMs));
      return TOKEN_DOCUMENT;
    },
    ...options,
  });
  return { app, clock, list };
}

let tokens = 0;
function random(): string {
  tokens += 1;
  return `random-token-${tokens}-0123456789abcdef`;
}

function post(app: RunningApp, token: string | undefined, forwardedFor = OFFICE): Promise<Response> {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return app.post(callOf('echo'), { authorization, 'x-forwarded-for': forwardedFor });
}

async function statuses(app: RunningApp, tokens: readonly (string | undefined)[], from = OFFICE) {
  const all: number[] = [];
  for (const token of tokens) all.push((await post(app, token, from)).status);
  return all;
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe('an address with 300 refused tokens in a minute', () => {
  test('gets 429 without verification of its tokens, new valid ones included; another address is accepted', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 300 });
    expect(new Set(await statuses(app, times(300, random)))).toEqual(new Set([401]));
    expect(list.looks).toBe(300);

    const refused = await post(app, random());
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect(await answerOf(refused)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: {
        code: 429,
        message: 'Too many refused tokens from this address; retry in 60 s',
        data: { retryAfterSeconds: 60 },
      },
    });
    expect(await statuses(app, [TOKENS.alice, TOKENS.bob, ...times(50, random)])).toEqual(
      times(52, () => 429),
    );
    expect(list.looks).toBe(300);
    expect((await post(app, TOKENS.alice, HOME)).status).toBe(200);
    expect(list.looks).toBe(301);

    const records = await app.audit(354);
    expect(records).toHaveLength(354);
    for (const record of records.slice(300, 353)) {
      expect(record).toMatchObject({
        sourceIp: OFFICE,
        outcome: 'rate_limited',
        errorCode: 'address_rate_limited',
        reason: `300 refused tokens from ${OFFICE} in 60 s`,
      });
      expect(record).not.toHaveProperty('clientId');
    }
    expect(records.at(-1)).toMatchObject({ sourceIp: HOME, outcome: 'ok', clientId: 'alice' });
    await app.stop();
  });

  test('is accepted again when the first of them is a minute old, and not before', async () => {
    const { app, clock, list } = await start({ authFailureLimitPerMinute: 3 });
    for (const _ of [1, 2, 3]) {
      await post(app, random());
      clock.time += 10_000;
    }
    const refused = await post(app, TOKENS.alice);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    clock.time += 29_999;
    const early = await post(app, TOKENS.alice);
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
    clock.time += 1;
    // One refusal has expired, and one more bad token takes its place.
    expect(await statuses(app, [TOKENS.alice, random(), TOKENS.bob])).toEqual([200, 401, 429]);
    clock.time += MINUTE;
    expect(await statuses(app, [TOKENS.alice, ...times(3, random), TOKENS.bob])).toEqual([
      ...[200, 401, 401, 401, 429],
    ]);
    expect(list.looks).toBe(9);
    await app.stop();
  });
});

describe('a recently valid token, at an address that has reached its limit', () => {
  test('is accepted despite guesses, wherever it was used before; guesses are not verified', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 3 });
    expect(await statuses(app, [TOKENS.alice], HOME)).toEqual([200]);
    expect(await statuses(app, times(4, random))).toEqual([401, 401, 401, 429]);
    list.looks = 0;
    const answers = await statuses(app, times(10, () => [TOKENS.alice, random(), TOKENS.bob]).flat());
    expect(answers).toEqual(times(10, () => [200, 429, 429]).flat());
    expect(list.looks).toBe(10);
    await app.stop();
  });

  test('is not delayed by guesses that are being verified', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 2 });
    expect(await statuses(app, [TOKENS.alice])).toEqual([200]);
    let answered = 0;
    list.delayMs = 300;
    const guesses = times(6, () => post(app, random()).finally(() => answered++));
    await new Promise((resolve) => setTimeout(resolve, 100));
    list.delayMs = 0;
    expect((await post(app, TOKENS.alice)).status).toBe(200);
    expect(answered).toBe(0);
    await Promise.all(guesses);
    await app.stop();
  });

  test('is verified, so it is refused as soon as the list revokes it, and is then like any other', async () => {
    let document = TOKEN_DOCUMENT;
    let looks = 0;
    const { app } = await start({
      authFailureLimitPerMinute: 2,
      async tokenDocument(maxAgeMs) {
        if (maxAgeMs === undefined) looks += 1;
        return document;
      },
    });
    expect(await statuses(app, [TOKENS.alice, random(), random(), TOKENS.alice])).toEqual([
      ...[200, 401, 401, 200],
    ]);
    document = '{"tokens":[]}';
    looks = 0;
    expect(
      await statuses(
        app,
        times(5, () => TOKENS.alice),
      ),
    ).toEqual([401, 429, 429, 429, 429]);
    expect(looks).toBe(1);
    await app.stop();
  });

  test('counts as refused when it is no longer valid', async () => {
    let document = TOKEN_DOCUMENT;
    const { app } = await start({ authFailureLimitPerMinute: 1, tokenDocument: async () => document });
    expect(await statuses(app, [TOKENS.alice])).toEqual([200]);
    document = '{"tokens":[]}';
    expect(await statuses(app, [TOKENS.alice, random()])).toEqual([401, 429]);
    await app.stop();
  });

  test('is forgotten five minutes after its last use', async () => {
    const { app, clock } = await start({ authFailureLimitPerMinute: 1 });
    expect(await statuses(app, [TOKENS.alice])).toEqual([200]);
    clock.time += 5 * MINUTE - 1;
    expect(await statuses(app, [random(), TOKENS.alice])).toEqual([401, 200]);
    clock.time += 5 * MINUTE - 1;
    expect(await statuses(app, [random(), TOKENS.alice])).toEqual([401, 200]);
    clock.time += 5 * MINUTE + 1;
    expect(await statuses(app, [random(), TOKENS.alice])).toEqual([401, 429]);
    await app.stop();
  });

  test('is one of ten thousand: memory is bounded, and the least recently used is evicted', async () => {
    const limit = createAuthFailureLimit({ limitPerMinute: 1, now: () => START });
    const good = (token: string) => limit.attempt(OFFICE, token, async () => 'good');
    const bad = () =>
      limit.attempt(OFFICE, random(), () => Promise.reject(new ServiceError('token_invalid')));
    for (let i = 0; i < 10_001; i++) await good(`token-${i}`);
    await expect(bad()).rejects.toThrow();
    await expect(good('token-0')).rejects.toMatchObject({ code: 'address_rate_limited' });
    expect(await good('token-1')).toBe('good');
  });

  test('a token that this server failed to verify does not count as valid', async () => {
    const limit = createAuthFailureLimit({ limitPerMinute: 1, now: () => START });
    const fails = (code: 'secret_unavailable' | 'token_invalid') =>
      limit.attempt(OFFICE, code, () => Promise.reject(new ServiceError(code)));
    for (const code of ['secret_unavailable', 'token_invalid'] as const) {
      await expect(fails(code)).rejects.toMatchObject({ code });
    }
    await expect(fails('secret_unavailable')).rejects.toMatchObject({ code: 'address_rate_limited' });
  });
});

describe('a flood of random tokens at once', () => {
  test('costs exactly as many verifications as the limit', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 20 });
    list.delayMs = 20;
    const answers = await Promise.all(times(200, () => post(app, random())));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(180);
    expect(list.looks).toBe(20);
    await app.stop();
  });

  test('costs an issuer no request once the limit is reached', async () => {
    const issuer = await startIssuer([await createSigningKey('known')]);
    const stranger = await createSigningKey('stranger');
    const { verifier } = oauthVerifier({ issuer: issuer.url, monotonic: () => clock.time });
    const { app, clock } = await start({ verifier, authFailureLimitPerMinute: 5 });
    const forged = await sign(stranger, claimsOf(issuer.url));
    expect(
      new Set(
        await statuses(
          app,
          times(5, () => forged),
        ),
      ),
    ).toEqual(new Set([401]));
    const before = issuer.requests();
    for (let i = 0; i < 20; i++) {
      clock.time += 2_900;
      expect((await post(app, forged)).status).toBe(429);
    }
    expect(issuer.requests()).toBe(before);
    clock.time += 2_900;
    expect((await post(app, forged)).status).toBe(401);
    expect(issuer.requests()).toBeGreaterThan(before);
    await app.stop();
    await issuer.close();
  });
});

describe('no failure is counted for', () => {
  test('good tokens, however many, one after another or at once', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 2 });
    expect(
      new Set(
        await statuses(
          app,
          times(50, () => TOKENS.alice),
        ),
      ),
    ).toEqual(new Set([200]));
    list.delayMs = 5;
    const answers = await Promise.all(times(50, () => post(app, TOKENS.bob)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    // A bad one among them, below the limit, blocks no client.
    const mixed = await Promise.all(
      [random(), ...times(30, () => TOKENS.alice)].map((token) => post(app, token)),
    );
    expect(mixed.map(({ status }) => status)).toEqual([401, ...times(30, () => 200)]);
    await app.stop();
  });

  test('a missing or malformed token, a missing scope, and a failure on our side', async () => {
    const { app } = await start({ authFailureLimitPerMinute: 1 });
    expect(await statuses(app, [undefined, 'a b', '"', TOKENS.noScope])).toEqual([401, 400, 400, 403]);
    const down = await start({ authFailureLimitPerMinute: 1, tokenDocument: async () => 'not a list' });
    expect(await statuses(down.app, times(5, random))).toEqual(times(5, () => 503));
    await down.app.stop();
    expect(await statuses(app, [TOKENS.alice, random(), TOKENS.bob])).toEqual([200, 401, 429]);
    await app.stop();
  });

  test('a missing token, whose response still names the issuer', async () => {
    const { app } = await start({ authFailureLimitPerMinute: 1 });
    const challenged = async () => {
      const response = await post(app, undefined);
      return [response.status, response.headers.get('www-authenticate')];
    };
    await post(app, random());
    expect(await challenged()).toEqual([401, 'Bearer realm="mcp"']);
    await app.stop();
  });
});

describe('one address', () => {
  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:3::1'],
    ['2001:db8::1', '[2001:DB8:0:0:1::]:443', '2001:db8:0:1::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::', '1:2:3::4'],
    ['::1', '::1:0:0:0', '0:0:0:1::1'],
    ['fe80::1%eth0', 'fe80::2', 'fe80:0:0:1::1'],
    [OFFICE, `[::ffff:${OFFICE}]:443`, '198.51.100.8'],
    [OFFICE, `${OFFICE}:443`, `::${OFFICE}`],
  ])('is %s and %s, but not %s', async (first, same, other) => {
    const { app } = await start({ authFailureLimitPerMinute: 1 });
    expect((await post(app, random(), first)).status).toBe(401);
    expect((await post(app, TOKENS.alice, same)).status).toBe(429);
    expect((await post(app, TOKENS.alice, other)).status).toBe(200);
    await app.stop();
  });

  test('is the one that the proxy saw: no header of a client changes it', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 3 });
    const spoofed = (i: number) => `10.0.0.${i}, 2001:db8:${i}::1, ${OFFICE}`;
    for (let i = 0; i < 3; i++) expect((await post(app, random(), spoofed(i))).status).toBe(401);
    for (let i = 3; i < 50; i++) expect((await post(app, random(), spoofed(i))).status).toBe(429);
    expect(list.looks).toBe(3);
    await app.stop();
  });

  test('is the peer of the connection without a trusted proxy, whatever the header says', async () => {
    const { app, list } = await start({ authFailureLimitPerMinute: 3, trustedHops: 0 });
    for (let i = 0; i < 3; i++) expect((await post(app, random(), `10.0.0.${i}`)).status).toBe(401);
    for (let i = 3; i < 20; i++) expect((await post(app, random(), `10.0.0.${i}`)).status).toBe(429);
    expect(list.looks).toBe(3);
    await app.stop();
  });
});
