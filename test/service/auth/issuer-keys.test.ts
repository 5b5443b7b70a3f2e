// biome-ignore-all lint/style/noExcessiveLinesPerFile: the cases share one issuer
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JWK } from 'jose';
import { createIssuerKeys } from '../../../service/auth/issuer-keys.ts';
import { isTrustworthy } from '../../../service/auth/issuer-metadata.ts';
import { ServiceError } from '../../../service/errors.ts';
import {
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from '../support/issuer.ts';
import { createMemoryLog, type MemoryLog, oauthVerifier, startOAuthApp } from '../support/oauth-app.ts';
import { callOf } from '../support/start-app.ts';
import { until } from '../support/until.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let issuer: IssuerStandIn;
let key: SigningKey;
let log: MemoryLog;
let monotonic = 0;
let verify: (token: string) => Promise<string>;

beforeEach(async () => {
  key = await createSigningKey('first');
  issuer = await startIssuer([key]);
  log = createMemoryLog();
  monotonic = 0;
  verify = verifierOf();
});
afterEach(() => issuer.close());

/** The outcome of a token: its client, or the code of its refusal. */
function verifierOf(more: { jwksUrl?: URL } = {}): (token: string) => Promise<string> {
  const { verifier } = oauthVerifier({
    issuer: issuer.url,
    monotonic: () => monotonic,
    logger: log,
    ...more,
  });
  return async (token) => {
    try {
      return (await verifier.verify(token)).clientId;
    } catch (error) {
      if (error instanceof ServiceError) return error.code;
      throw error;
    }
  };
}

const token = (signer = key, header?: Record<string, unknown>) => sign(signer, claimsOf(issuer.url), header);
const publish = (...keys: readonly unknown[]) => {
  issuer.jwks = { keys };
};
const down = () => {
  issuer.behaviour = (request) => request.socket.destroy();
};
const up = () => {
  issuer.behaviour = undefined;
};
/** Waits until a fetch in the background has ended. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('key rotation', () => {
  test('a token of a new key is accepted at once, and the keys are fetched once for it', async () => {
    expect(await verify(await token())).toBe('client-1');
    const next = await createSigningKey('second');
    publish(key.jwk, next.jwk);
    monotonic += 31 * SECOND;
    const fresh = await token(next);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => verify(fresh)));
    expect(new Set(outcomes)).toEqual(new Set(['client-1']));
    expect(issuer.fetches()).toBe(2);
  });

  test('a key that the issuer has withdrawn is trusted for ten minutes at most', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    publish((await createSigningKey('second')).jwk);
    monotonic += 4 * MINUTE;
    expect(await verify(old)).toBe('client-1');
    monotonic += 6 * MINUTE;
    expect(await verify(old)).toBe('token_invalid');
  });

  test('in steady use a withdrawn key is refused after the first request past five minutes', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    publish((await createSigningKey('second')).jwk);
    monotonic += 5 * MINUTE;
    expect(await verify(old)).toBe('client-1');
    await settle();
    expect(await verify(old)).toBe('token_invalid');
  });

  test('a key with the same kid but other content replaces the old one', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    const next = await createSigningKey('first');
    publish(next.jwk);
    monotonic += 10 * MINUTE;
    expect([await verify(old), await verify(await token(next))]).toEqual(['token_invalid', 'client-1']);
  });

  test.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ])('a key for %s is accepted', async (alg) => {
    const other = await createSigningKey('other', alg);
    publish(key.jwk, other.jwk);
    expect(await verify(await token(other))).toBe('client-1');
  });

  test('a token without kid is accepted if one of the first five matching keys has signed it', async () => {
    const others = await Promise.all(['a', 'b', 'c', 'd'].map((kid) => createSigningKey(kid)));
    const nameless = await token(key, { kid: undefined });
    expect(await verify(nameless)).toBe('client-1');
    publish(...others.map(({ jwk }) => jwk), key.jwk);
    expect(await verifierOf()(nameless)).toBe('client-1');
    publish(...others.map(({ jwk }) => jwk), (await createSigningKey('e')).jwk, key.jwk);
    expect(await verifierOf()(nameless)).toBe('token_invalid');
  });

  test('a key that is listed twice is one key, whatever its other members are', async () => {
    const { alg: _alg, ...bare } = key.jwk;
    publish(key.jwk, key.jwk, bare);
    expect(await verify(await token())).toBe('client-1');
  });

  test('a request that searched old keys while others fetched new ones searches again, and fetches none', async () => {
    const next = await createSigningKey('second');
    for (let steps = 0; steps < 40; steps++) {
      let loads = 0;
      let at = 0;
      const load = async () => {
        loads += 1;
        return loads === 1 ? [key.jwk] : [next.jwk];
      };
      const keys = createIssuerKeys({ load, now: () => at, logger: log });
      await keys.refresh();
      at += 31 * SECOND;
      const header = { alg: 'ES256', kid: 'second' };
      const first = keys.find(header);
      for (let step = 0; step < steps; step++) await undefined;
      expect(await Promise.all([first, keys.find(header)])).toHaveLength(2);
      expect(loads).toBe(2);
    }
  });
});

describe('unknown key ids', () => {
  test('a hundred at once cost one fetch, and another hundred within 30 s none', async () => {
    expect(await verify(await token())).toBe('client-1');
    monotonic += 31 * SECOND;
    const flood = async () => {
      const tokens = await Promise.all(
        Array.from({ length: 100 }, (_, index) => token(key, { kid: `unknown-${index}` })),
      );
      const outcomes = await Promise.all(tokens.map((each) => verify(each)));
      expect(new Set(outcomes)).toEqual(new Set(['token_invalid']));
    };
    await flood();
    expect(issuer.fetches()).toBe(2);
    monotonic += 29 * SECOND;
    await flood();
    expect(issuer.fetches()).toBe(2);
    expect(await verify(await token())).toBe('client-1');
  });

  test('that match several keys cost no fetch', async () => {
    publish(key.jwk, (await createSigningKey('second')).jwk);
    expect(await verify(await token())).toBe('client-1');
    monotonic += 31 * SECOND;
    expect(await verify(await token(await createSigningKey('x'), { kid: undefined }))).toBe('token_invalid');
    expect(issuer.fetches()).toBe(1);
  });

  test('while the issuer is down and keys are fresh they get 401, not 503, and cost one fetch in 5 s', async () => {
    expect(await verify(await token())).toBe('client-1');
    down();
    monotonic += 31 * SECOND;
    const before = issuer.requests();
    const unknown = await token(key, { kid: 'unknown' });
    for (let index = 0; index < 20; index++) expect(await verify(unknown)).toBe('token_invalid');
    expect(issuer.requests() - before).toBe(1);
    monotonic += 5 * SECOND;
    for (let index = 0; index < 20; index++) expect(await verify(unknown)).toBe('token_invalid');
    expect(issuer.requests() - before).toBe(2);
  });
});

describe('an issuer that is down', () => {
  test('and may have a new key: a token of it gets 503, because the client is not at fault', async () => {
    const good = await token();
    const app = await startOAuthApp({
      issuer: issuer.url,
      monotonic: () => monotonic,
      authFailureLimitPerMinute: 1,
    });
    const status = async (each: string) =>
      (await app.post(callOf('echo'), { authorization: `Bearer ${each}` })).status;
    expect(await status(good)).toBe(200);
    down();
    monotonic += 6 * MINUTE;
    const fresh = await token(await createSigningKey('second'));
    expect([await status(fresh), await status(fresh), await status(fresh)]).toEqual([503, 503, 503]);
    expect(await status(good)).toBe(200);
    expect((await app.audit(5)).at(-2)).toMatchObject({
      errorCode: 'issuer_unavailable',
      reason: 'no such key in old keys of the issuer',
    });
    await app.stop();
  });

  test('is asked again after a quiet time, so that a key it has withdrawn is refused', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    down();
    monotonic += 5 * MINUTE;
    expect(await verify(old)).toBe('client-1');
    await settle();
    up();
    publish((await createSigningKey('second')).jwk);
    monotonic += 54 * MINUTE;
    expect(await verify(old)).toBe('token_invalid');
  });

  test('and hangs delays no request once that is known, for an hour', async () => {
    const good = await token();
    expect(await verify(good)).toBe('client-1');
    issuer.behaviour = () => {};
    monotonic += 10 * MINUTE;
    expect(await verify(good)).toBe('client-1');
    for (const pause of [5, 6, 29]) {
      monotonic += pause * SECOND;
      const started = performance.now();
      expect(await verify(good)).toBe('client-1');
      expect(performance.now() - started).toBeLessThan(1000);
      await until(() => log.lines.length > 0);
      log.lines.length = 0;
    }
  });

  test('at the start means 503, one attempt in 5 s, and service as soon as it is back', async () => {
    down();
    const good = await token();
    expect(await verify(good)).toBe('issuer_unavailable');
    up();
    expect(await verify(good)).toBe('issuer_unavailable');
    monotonic += 5 * SECOND;
    expect(await verify(good)).toBe('client-1');
  });

  test('later means service with the last valid keys for one hour, then 503', async () => {
    const good = await token();
    expect(await verify(good)).toBe('client-1');
    down();
    monotonic += 30 * MINUTE;
    expect(await verify(good)).toBe('client-1');
    monotonic += 29 * MINUTE;
    expect(await verify(good)).toBe('client-1');
    monotonic += 2 * MINUTE;
    expect(await verify(good)).toBe('issuer_unavailable');
    up();
    monotonic += 6 * SECOND;
    expect(await verify(good)).toBe('client-1');
  });

  test('is logged with the age of the keys, if there are any', async () => {
    const fields: unknown[] = [];
    const logger = { ...log, error: (_event: string, more?: object) => void fields.push(more) };
    let fails = true;
    const load = async () => {
      if (fails) throw new Error('down');
      return [key.jwk];
    };
    const keys = createIssuerKeys({ load, now: () => monotonic, logger });
    await keys.refresh();
    expect(fields[0]).not.toHaveProperty('ageSeconds');
    fails = false;
    await keys.refresh();
    fails = true;
    monotonic += MINUTE;
    await keys.refresh();
    expect(fields[1]).toHaveProperty('ageSeconds', 60);
  });

  test('is logged without any part of a key', async () => {
    down();
    await verify(await token());
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('"event":"issuer_keys_failed"');
    expect(log.lines[0]).not.toContain(key.jwk.x);
  });

  test('over HTTP gets 503 with Retry-After and without a challenge, because a new token would not help', async () => {
    down();
    const app = await startOAuthApp({ issuer: issuer.url });
    const response = await app.post(callOf('echo'), { authorization: `Bearer ${await token()}` });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: { code: 503, message: 'The authorization server cannot be reached; retry in 5 s' },
    });
    expect((await app.audit())[0]).toMatchObject({ outcome: 'error', errorCode: 'issuer_unavailable' });
    expect((await fetch(new URL('/healthz', app.url))).status).toBe(200);
    await app.stop();
  });

  test('that hangs is given up after 3 s by all waiting requests together', async () => {
    issuer.behaviour = () => {};
    const good = await token();
    const started = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => verify(good)));
    expect(new Set(outcomes)).toEqual(new Set(['issuer_unavailable']));
    expect(performance.now() - started).toBeLessThan(6000);
    expect(log.lines).toHaveLength(1);
  });

  test('that sends its key set byte by byte is given up after 3 s', async () => {
    let dripping: NodeJS.Timeout | undefined;
    issuer.behaviour = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.url !== '/jwks') return void response.end(JSON.stringify(issuer.metadata));
      dripping = setInterval(() => response.write(' '), 100);
    };
    expect(await verify(await token())).toBe('issuer_unavailable');
    clearInterval(dripping);
    expect(log.lines.join()).toContain('no answer in 3000 ms');
  });
});

describe('an invalid key set', () => {
  const many = async () => {
    const { jwk } = await createSigningKey('x');
    return { keys: Array.from({ length: 10_000 }, (_, index) => ({ ...jwk, kid: `k${index}` })) };
  };
  const BAD: Record<string, () => unknown> = {
    HTML: () => '<html>maintenance</html>',
    'an empty answer': () => '',
    null: () => null,
    'a list': () => [key.jwk],
    'an object without keys': () => ({}),
    'no key': () => ({ keys: [] }),
    'ten thousand keys': many,
    '101 keys': async () => ({ keys: ((await many()) as { keys: unknown[] }).keys.slice(0, 101) }),
    'one megabyte': () => ({ keys: [key.jwk], filler: 'x'.repeat(1024 * 1024) }),
    'only a symmetric key': () => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'first', alg: 'HS256' }] }),
    'only an encryption key': () => ({ keys: [{ ...key.jwk, use: 'enc' }] }),
    'only a key for wrapping': () => ({ keys: [{ ...key.jwk, use: undefined, key_ops: ['wrapKey'] }] }),
    'only a published private key': () => ({ keys: [{ ...key.jwk, d: key.jwk.x }] }),
    'only a point off the curve': () => ({ keys: [{ ...key.jwk, y: key.jwk.x }] }),
    'a kid that is an object': () => ({ keys: [{ ...key.jwk, kid: {} }] }),
    'null among the keys, and nothing else': () => ({ keys: [null, 1, 'x', []] }),
  };

  test.each(Object.entries(BAD))(
    '%s: 503 at the start, later the last valid keys stay',
    async (_what, make) => {
      const document = await make();
      const good = await token();
      expect(await verify(good)).toBe('client-1');
      issuer.jwks = document;
      monotonic += 11 * MINUTE;
      expect(await verify(good)).toBe('client-1');
      expect(log.lines.join()).toContain('issuer_keys_failed');
      expect(await verifierOf()(good)).toBe('issuer_unavailable');
    },
  );

  test('bad keys among good ones are left out and do no harm', async () => {
    const small = { kty: 'RSA', kid: 'small', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' };
    const slow = { kty: 'RSA', kid: 'slow', n: Buffer.alloc(256, 0xff).toString('base64url') };
    const bad: unknown[] = [null, small, { ...slow, e: Buffer.alloc(200, 0xff).toString('base64url') }];
    publish(...bad, { kty: 'EC', kid: 'k', crv: 'secp256k1', x: 'AA', y: 'AA' }, { kty: 'zzz' }, key.jwk);
    expect(await verify(await token())).toBe('client-1');
  });

  test('a private key that the issuer published by mistake verifies nothing', async () => {
    const leaked: JWK = { ...(await createSigningKey('leaked')).jwk };
    const signer = await createSigningKey('leaked');
    publish(key.jwk, { ...signer.jwk, d: leaked.x });
    expect(await verify(await token(signer))).toBe('token_invalid');
  });

  test('a redirect is not followed', async () => {
    const other = await startIssuer([key]);
    issuer.behaviour = (request, response) => {
      if (request.url !== '/jwks') return void response.end(JSON.stringify(issuer.metadata));
      response.writeHead(302, { location: `${other.url}/jwks` }).end();
    };
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(other.fetches()).toBe(0);
    await other.close();
  });

  test.each([
    ['of plain HTTP elsewhere', 'http://192.0.2.1/jwks'],
    ['of a file', 'file:///etc/passwd'],
    ['that is not a URL', 'jwks'],
  ])('a jwks_uri %s is not fetched', async (_what, uri) => {
    issuer.metadata['jwks_uri'] = uri;
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(log.lines.join()).toContain('is not an https URL');
  });

  test('keys are not used from metadata that belongs to another issuer', async () => {
    issuer.metadata['issuer'] = 'https://evil.example.com';
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(issuer.fetches()).toBe(0);
  });

  test('a moved key set is followed although the old one still answers', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    const next = await createSigningKey('second');
    const moved = await startIssuer([next]);
    issuer.metadata['jwks_uri'] = `${moved.url}/jwks`;
    monotonic += 10 * MINUTE;
    expect([await verify(await token(next)), await verify(old)]).toEqual(['client-1', 'token_invalid']);
    await moved.close();
  });

  test('a configured URL of the keys is used, and no metadata', async () => {
    const given = await createSigningKey('given');
    const elsewhere = await startIssuer([given]);
    verify = verifierOf({ jwksUrl: new URL(`${elsewhere.url}/jwks`) });
    expect([await verify(await token(given)), await verify(await token())]).toEqual([
      'client-1',
      'token_invalid',
    ]);
    expect(issuer.requests()).toBe(0);
    await elsewhere.close();
  });

  test.each([500, 503, 429, 302])(
    'a first address that answers %i does not hide the next',
    async (status) => {
      issuer.behaviour = (request, response) => {
        if (request.url === '/.well-known/oauth-authorization-server') {
          return void response.writeHead(status).end();
        }
        response.end(JSON.stringify(request.url === '/jwks' ? issuer.jwks : issuer.metadata));
      };
      expect(await verify(await token())).toBe('client-1');
    },
  );

  test('all URLs together are given up after 5 s', async () => {
    issuer.behaviour = (request, response) => {
      const found = request.url === '/jwks' ? issuer.jwks : issuer.metadata;
      const status = request.url === '/.well-known/oauth-authorization-server' ? 404 : 200;
      setTimeout(() => response.writeHead(status).end(JSON.stringify(found)), 2000);
    };
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(log.lines.join()).toMatch(/\/jwks: no answer in (?:[1-9]?\d{1,2}|1) ms/);
  });

  test.each([
    ['https://login.example.com', 'https://keys.example.com/jwks', true],
    ['https://login.example.com', 'http://127.0.0.1/jwks', false],
    ['https://login.example.com', 'http://localhost/jwks', false],
    ['http://127.0.0.1:9', 'http://127.0.0.1:10/jwks', true],
    ['http://127.0.0.1:9', 'http://[::1]:10/jwks', true],
    ['http://127.0.0.1:9', 'http://127.0.0.1.evil.example.com/jwks', false],
    ['http://127.0.0.1:9', 'http://127.evil.example.com/jwks', false],
  ])('%s may name %s: %s', (from, uri, trusted) => {
    expect(isTrustworthy(uri, from)).toBe(trusted);
  });
});
