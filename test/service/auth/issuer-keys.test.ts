import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JWK } from 'jose';
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

/** The outcome of a token: the client it stands for, or the code it is refused with. */
function verifierOf(): (token: string) => Promise<string> {
  const { verifier } = oauthVerifier({ issuer: issuer.url, monotonic: () => monotonic, logger: log });
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
/** Lets a fetch in the background end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('key rotation', () => {
  test('a token of a new key is accepted as soon as it comes, and the keys are fetched once for it', async () => {
    expect(await verify(await token())).toBe('client-1');
    const next = await createSigningKey('second');
    publish(key.jwk, next.jwk);
    monotonic += 31 * SECOND;
    const fresh = await token(next);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => verify(fresh)));
    expect(new Set(outcomes)).toEqual(new Set(['client-1']));
    expect(issuer.fetches()).toBe(2);
  });

  test('a key that the issuer has withdrawn is believed for ten minutes at most', async () => {
    const old = await token();
    expect(await verify(old)).toBe('client-1');
    publish((await createSigningKey('second')).jwk);
    monotonic += 4 * MINUTE;
    expect(await verify(old)).toBe('client-1');
    monotonic += 6 * MINUTE;
    expect(await verify(old)).toBe('token_invalid');
  });

  test('in steady use a withdrawn key is out after the first request past five minutes', async () => {
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

  test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'a key for %s is accepted',
    async (alg) => {
      const other = await createSigningKey('other', alg);
      publish(key.jwk, other.jwk);
      expect(await verify(await token(other))).toBe('client-1');
    },
  );

  test('a token without kid is accepted where exactly one key fits', async () => {
    expect(await verify(await token(key, { kid: undefined }))).toBe('client-1');
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

  test('while the issuer is down they are 401, not 503, and cost one fetch in 5 s', async () => {
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
  test('at the start means 503, one attempt in 5 s, and service as soon as it is back', async () => {
    down();
    const good = await token();
    expect(await verify(good)).toBe('issuer_unavailable');
    up();
    expect(await verify(good)).toBe('issuer_unavailable');
    monotonic += 5 * SECOND;
    expect(await verify(good)).toBe('client-1');
  });

  test('later means service with the last good keys for one hour, then 503', async () => {
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

  test('is logged without anything of a key', async () => {
    down();
    await verify(await token());
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('"event":"issuer_keys_failed"');
    expect(log.lines[0]).not.toContain(key.jwk.x);
  });

  test('over HTTP is 503 with Retry-After and without a challenge: a new token would not help', async () => {
    down();
    const app = await startOAuthApp({ issuer: issuer.url });
    const response = await app.post(callOf('echo'), { authorization: `Bearer ${await token()}` });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: { code: 503, message: 'The authorization server cannot be reached from here; retry later' },
    });
    expect((await app.audit())[0]).toMatchObject({ outcome: 'error', errorCode: 'issuer_unavailable' });
    expect((await fetch(new URL('/healthz', app.url))).status).toBe(200);
    await app.stop();
  });

  test('that hangs is given up after 3 s, by everyone who waits for it together', async () => {
    issuer.behaviour = () => {};
    const good = await token();
    const started = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => verify(good)));
    expect(new Set(outcomes)).toEqual(new Set(['issuer_unavailable']));
    expect(performance.now() - started).toBeLessThan(6000);
    expect(log.lines).toHaveLength(1);
  });

  test('that drips its key set byte by byte is given up after 3 s', async () => {
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

describe('a key set that is not one', () => {
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
    '%s: 503 at the start, later the last good keys stay',
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

  test('bad keys among good ones are left out and spoil nothing', async () => {
    const small = { kty: 'RSA', kid: 'small', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' };
    const slow = { kty: 'RSA', kid: 'slow', n: Buffer.alloc(256, 0xff).toString('base64url') };
    const bad: unknown[] = [null, small, { ...slow, e: Buffer.alloc(200, 0xff).toString('base64url') }];
    publish(...bad, { kty: 'EC', kid: 'k', crv: 'secp256k1', x: 'AA', y: 'AA' }, { kty: 'zzz' }, key.jwk);
    expect(await verify(await token())).toBe('client-1');
  });

  test('a private key that the issuer published by mistake opens nothing', async () => {
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
    ['that is no URL', 'jwks'],
  ])('a jwks_uri %s is not fetched', async (_what, uri) => {
    issuer.metadata['jwks_uri'] = uri;
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(log.lines.join()).toContain('is not an https URL');
  });

  test('keys are not taken from metadata that belongs to another issuer', async () => {
    issuer.metadata['issuer'] = 'https://evil.example.com';
    expect(await verify(await token())).toBe('issuer_unavailable');
    expect(issuer.fetches()).toBe(0);
  });

  test('a moved key set is found by the metadata after the old address has failed once', async () => {
    const good = await token();
    expect(await verify(good)).toBe('client-1');
    const moved = await startIssuer([key]);
    issuer.metadata['jwks_uri'] = `${moved.url}/jwks`;
    issuer.behaviour = (request, response) => {
      if (request.url === '/.well-known/openid-configuration') {
        return void response.end(JSON.stringify(issuer.metadata));
      }
      response.writeHead(404).end();
    };
    monotonic += 11 * MINUTE;
    expect(await verify(good)).toBe('client-1');
    monotonic += 6 * SECOND;
    expect(await verify(good)).toBe('client-1');
    await settle();
    expect(moved.fetches()).toBe(1);
    await moved.close();
  });
});
