// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table: one case for each forgery
import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportSPKI, importJWK, type JWTPayload } from 'jose';
import {
  AUDIENCE,
  base64url,
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  signText,
  startIssuer,
} from '../support/issuer.ts';
import { createMemoryLog, oauthVerifier, startOAuthApp } from '../support/oauth-app.ts';
import { type AuditRecord, callOf, type RunningApp } from '../support/start-app.ts';

const HOUR = 3600;
const now = Math.floor(Date.now() / 1000);
const log = createMemoryLog();

let issuer: IssuerStandIn;
let app: RunningApp;
let good: SigningKey;
let rsa: SigningKey;
let attacker: SigningKey;
let attackerRsa: SigningKey;
let attackers: IssuerStandIn;

beforeAll(async () => {
  good = await createSigningKey('good');
  rsa = await createSigningKey('rsa', 'RS256');
  attacker = await createSigningKey('good');
  attackerRsa = await createSigningKey('rsa', 'RS256');
  issuer = await startIssuer([good, rsa, await createSigningKey('other')]);
  attackers = await startIssuer([attacker]);
  app = await startOAuthApp({ issuer: issuer.url, logger: log });
});
afterAll(async () => {
  await app.stop();
  await issuer.close();
  await attackers.close();
});

const claims = (changes?: Record<string, unknown>): JWTPayload => claimsOf(issuer.url, changes);
const signed = (changes?: Record<string, unknown>, header?: Record<string, unknown>) =>
  sign(good, claims(changes), header);
const parts = async (token: Promise<string>) => (await token).split('.') as [string, string, string];
const ask = (token: string) => app.post(callOf('echo'), { authorization: `Bearer ${token}` });

/** The audit record of a response, which is written when the response has been sent. */
async function recordOf(response: Response): Promise<AuditRecord | undefined> {
  const id = response.headers.get('x-request-id');
  for (let count = 1; ; ) {
    const records = await app.audit(count);
    const found = records.find(({ requestId }) => requestId === id);
    if (found !== undefined) return found;
    count = records.length + 1;
  }
}

/** Signs with a text as the HMAC key, like a verifier that mistakes the public key for a secret. */
async function hmac(secret: string, alg = 'HS256', kid = 'rsa'): Promise<string> {
  const input = `${base64url({ alg, kid, typ: 'at+jwt' })}.${base64url(claims())}`;
  const digest = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url');
  return `${input}.${digest}`;
}
async function spki(): Promise<string> {
  return exportSPKI((await importJWK(rsa.jwk, 'RS256')) as CryptoKey);
}
/** Replaces text in the decoded header or payload, and keeps the signature. */
async function resigned(change: (text: string) => string, part: 0 | 1): Promise<string> {
  const all = await parts(signed());
  all[part] = base64url(change(Buffer.from(all[part], 'base64url').toString()));
  return all.join('.');
}
/** Cuts one part to a length that is impossible in base64url. */
function truncated(token: string, part: 1 | 2): string {
  const all = token.split('.');
  const text = all[part] ?? '';
  all[part] = text.slice(0, -((text.length - 1) % 4 || 4));
  return all.join('.');
}
/** Another last character that decodes to the same bytes. */
function respelled(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(part.at(-1) ?? '');
  return part.slice(0, -1) + alphabet[last ^ 1];
}

/** The forgery → its reason in the audit record, and the token. */
const FORGED: Record<string, readonly [reason: string, forge: () => Promise<string>]> = {
  // Algorithm
  'alg none without a signature': [
    'not base64url',
    async () => `${base64url({ alg: 'none' })}.${base64url(claims())}.`,
  ],
  'alg none with a signature': [
    'algorithm not allowed',
    async () => {
      const [, payload, signature] = await parts(signed());
      return `${base64url({ alg: 'none', kid: 'good' })}.${payload}.${signature}`;
    },
  ],
  'alg nOnE': [
    'algorithm not allowed',
    async () => `${base64url({ alg: 'nOnE', kid: 'good' })}.${base64url(claims())}.AA`,
  ],
  'no alg': ['algorithm not allowed', async () => `${base64url({ kid: 'good' })}.${base64url(claims())}.AA`],
  'alg as a list': [
    'algorithm not allowed',
    async () => `${base64url({ alg: ['ES256'], kid: 'good' })}.${base64url(claims())}.AA`,
  ],
  'HS256 with the public key (PEM)': ['algorithm not allowed', async () => hmac(await spki())],
  'HS256 with the public key (JWK)': ['algorithm not allowed', () => hmac(JSON.stringify(rsa.jwk))],
  'HS512 with the modulus': ['algorithm not allowed', () => hmac(rsa.jwk.n ?? '', 'HS512')],
  'HS256 with an empty secret': ['algorithm not allowed', () => hmac('')],
  'HS256 without kid': ['algorithm not allowed', async () => hmac(await spki(), 'HS256', '')],
  'RS256 announced as PS256': [
    'no such key at the issuer',
    async () => {
      const [, payload, signature] = await parts(sign(rsa, claims()));
      return `${base64url({ alg: 'PS256', kid: 'rsa' })}.${payload}.${signature}`;
    },
  ],
  'ES256 announced with an RSA key': [
    'no such key at the issuer',
    async () => {
      const [, payload, signature] = await parts(signed());
      return `${base64url({ alg: 'ES256', kid: 'rsa' })}.${payload}.${signature}`;
    },
  ],
  // Key
  'another key with the same kid': ['signature', () => sign(attacker, claims())],
  'another RSA key with the same kid': ['signature', () => sign(attackerRsa, claims())],
  'the kid of another key of the issuer': ['signature', () => signed({}, { kid: 'other' })],
  'an unknown kid': ['no such key at the issuer', () => signed({}, { kid: 'unknown' })],
  'a kid that is a path': ['no such key at the issuer', () => signed({}, { kid: '../../../../dev/null' })],
  'a kid that is SQL': ['no such key at the issuer', () => signed({}, { kid: "x' UNION SELECT 'key" })],
  'a kid that is a number': ['no such key at the issuer', () => signed({}, { kid: 0 })],
  'a kid that is __proto__': ['no such key at the issuer', () => signed({}, { kid: '__proto__' })],
  'no kid where several keys fit, signed by none': [
    'signature',
    () => sign(attacker, claims(), { kid: undefined }),
  ],
  'the key in jwk': ['header member jwk not allowed', () => sign(attacker, claims(), { jwk: attacker.jwk })],
  'the key in jwk and no kid': [
    'header member jwk not allowed',
    () => sign(attacker, claims(), { jwk: attacker.jwk, kid: undefined }),
  ],
  'a jku of the attacker': ['signature', () => sign(attacker, claims(), { jku: `${attackers.url}/jwks` })],
  'an x5u of the attacker': [
    'header member x5u not allowed',
    () => sign(attacker, claims(), { x5u: 'http://127.0.0.1:9/cert' }),
  ],
  'a certificate of the attacker in x5c': ['signature', () => sign(attacker, claims(), { x5c: ['MIIB'] })],
  'an ECDSA signature of zeros': [
    'signature',
    async () => {
      const [header, payload] = await parts(signed());
      return `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`;
    },
  ],
  // Header
  'an unknown crit': ['header member crit not allowed', () => signed({}, { crit: ['exp'], exp: 1 })],
  'an empty crit': [
    'header member crit not allowed',
    async () => resigned((text) => text.replace('{', '{"crit":[],'), 0),
  ],
  'b64 false': [
    'header member crit not allowed',
    async () => resigned((text) => text.replace('{', '{"b64":false,"crit":["b64"],'), 0),
  ],
  'b64 alone': [
    'header member b64 not allowed',
    async () => resigned((text) => text.replace('{', '{"b64":true,'), 0),
  ],
  'a compressed payload': ['header member zip not allowed', () => signed({}, { zip: 'DEF' })],
  'typ of a DPoP proof': ['typ not allowed', () => signed({}, { typ: 'dpop+jwt' })],
  'typ of a logout token': ['typ not allowed', () => signed({}, { typ: 'logout+jwt' })],
  'typ of a client attestation': [
    'typ not allowed',
    () => signed({}, { typ: 'oauth-client-attestation+jwt' }),
  ],
  'typ that is a number': ['typ not allowed', () => signed({}, { typ: 1 as unknown as string })],
  'a nested JWT that says so': [
    'header member cty not allowed',
    async () => signText(good, await signed(), { cty: 'JWT' }),
  ],
  'a nested JWT that does not': ['ERR_JWT_INVALID', async () => signText(good, await signed())],
  // Claims
  'expired an hour ago': ['expired', () => signed({ exp: now - HOUR })],
  'expired just beyond the tolerance': ['expired', () => signed({ exp: now - 60 })],
  'exp missing': ['claim exp', () => signed({ exp: undefined })],
  'exp as text': ['claim exp', () => signed({ exp: `${now + HOUR}` })],
  'exp beyond all numbers': [
    'exp is not a time',
    () => signText(good, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')),
  ],
  'exp null': ['claim exp', () => signed({ exp: null })],
  'nbf in the future': ['claim nbf', () => signed({ nbf: now + HOUR })],
  'nbf as text': ['claim nbf', () => signed({ nbf: 'yesterday' })],
  'iat in the future': ['iat is not a past time', () => signed({ iat: now + HOUR })],
  'iat as text': ['claim iat', () => signed({ iat: 'today' })],
  'iss of another issuer': ['claim iss', () => signed({ iss: 'https://evil.example.com' })],
  'iss with a trailing slash': ['claim iss', () => signed({ iss: `${issuer.url}/` })],
  'iss missing': ['claim iss', () => signed({ iss: undefined })],
  'iss as a list with the right one': ['claim iss', () => signed({ iss: [issuer.url] })],
  'aud of another server': ['claim aud', () => signed({ aud: 'https://other.example.com/mcp' })],
  'aud of our origin only': ['claim aud', () => signed({ aud: 'https://mcp.example.com' })],
  'aud below our path': ['claim aud', () => signed({ aud: 'https://mcp.example.com/mcp/admin' })],
  'aud with our URL in the query': [
    'claim aud',
    () => signed({ aud: 'https://evil.example.com/?https://mcp.example.com/mcp' }),
  ],
  'aud missing': ['claim aud', () => signed({ aud: undefined })],
  'aud missing, ours as client_id': [
    'claim aud',
    () => signed({ aud: undefined, client_id: 'https://mcp.example.com/mcp', token_use: 'access' }),
  ],
  'aud of another server, ours as resource': [
    'claim aud',
    () => signed({ aud: 'https://other.example.com', resource: 'https://mcp.example.com/mcp' }),
  ],
  'aud an empty list': ['claim aud', () => signed({ aud: [] })],
  'aud an object': ['claim aud', () => signed({ aud: { 'https://mcp.example.com/mcp': true } })],
  'aud null, ours as resource': ['claim aud', () => signed({ aud: null, resource: AUDIENCE })],
  ...Object.fromEntries(
    [
      'https://mcp.example.com/evil/../mcp',
      'https://mcp.example.com/%2e%2e/mcp',
      'https://mcp.example.com/./mcp',
      'https://mcp.example.com\\mcp',
      'https://mcp.example.com:443/mcp',
      'https://@mcp.example.com/mcp',
      'https:///mcp.example.com/mcp',
      'https://mcp.example.com/m\tcp',
      'https://mcp.example.com/mcp\n',
      ' https://mcp.example.com/mcp',
      'https://ｍcp.example.com/mcp',
      'https://mcp.example.com/mcp#',
      'https://mcp.example.com/mcp?',
      'https://mcp.example.com/mcp/',
    ].map((aud) => [`aud in another spelling, ${JSON.stringify(aud)}`, ['claim aud', () => signed({ aud })]]),
  ),
  'a client id with a line break': [
    'no usable client id',
    () => signed({ client_id: 'client\n{"type":"audit"}' }),
  ],
  'a client id of 257 characters': ['no usable client id', () => signed({ client_id: 'c'.repeat(257) })],
  'a client id that is a list': ['no usable client id', () => signed({ client_id: ['client-1'] })],
  'no client at all': ['no usable client id', () => signed({ client_id: undefined, sub: undefined })],
  // Kind
  'an ID token by its nonce': ['not an access token', () => signed({ nonce: 'n-1' }, { typ: 'JWT' })],
  'an ID token by its at_hash': ['not an access token', () => signed({ at_hash: 'x' }, { typ: undefined })],
  'an ID token by its c_hash': ['not an access token', () => signed({ c_hash: 'x' }, { typ: undefined })],
  'an ID token by its s_hash': ['not an access token', () => signed({ s_hash: 'x' }, { typ: undefined })],
  'an ID token by lack of any scope or client': [
    'not an access token',
    () => signed({ client_id: undefined, scope: undefined, azp: 'client-1' }, { typ: 'JWT' }),
  ],
  'an ID token of Cognito': ['not an access token', () => signed({ token_use: 'id' }, { typ: undefined })],
  'an ID token of Keycloak': ['not an access token', () => signed({ typ: 'ID' }, { typ: 'JWT' })],
  'a refresh token of Keycloak': ['not an access token', () => signed({ typ: 'Refresh' }, { typ: 'JWT' })],
  'a logout token': [
    'not an access token',
    () => signed({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, { typ: 'JWT' }),
  ],
  'a token bound to a DPoP key': [
    'bound to a key of its client',
    () => signed({ cnf: { jkt: 'thumbprint' } }),
  ],
  'a token bound to a certificate': [
    'bound to a key of its client',
    () => signed({ cnf: { 'x5t#S256': 'thumbprint' } }),
  ],
  // Form
  'a payload from another token': [
    'signature',
    async () => {
      const [header, , signature] = await parts(signed({ scope: '' }));
      return `${header}.${base64url(claims({ scope: 'echo' }))}.${signature}`;
    },
  ],
  'a payload with one letter changed': [
    'signature',
    () => resigned((text) => text.replace('client-1', 'client-2'), 1),
  ],
  'a header with one letter changed': [
    'signature',
    () => resigned((text) => text.replace('at+jwt', 'AT+jwt'), 0),
  ],
  'a truncated signature': ['not base64url', async () => truncated(await signed(), 2)],
  'a truncated payload': [
    'not base64url',
    async () => {
      return truncated(await signed(), 1);
    },
  ],
  'no signature': ['not a signed JWT', async () => (await parts(signed())).slice(0, 2).join('.')],
  'an empty signature': ['not base64url', async () => `${(await parts(signed())).slice(0, 2).join('.')}.`],
  'a fourth part': ['not a signed JWT', async () => `${await signed()}.AAAA`],
  'a doubled dot': ['not a signed JWT', async () => (await signed()).replace('.', '..')],
  'a leading dot': ['not a signed JWT', async () => `.${await signed()}`],
  'five parts, as of a JWE': [
    'not a signed JWT',
    async () => `${base64url({ alg: 'dir', enc: 'A256GCM' })}....`,
  ],
  'only dots': ['not a signed JWT', async () => '..a'.padStart(8, '.')],
  'a signature in another spelling of the same bytes': [
    'not base64url',
    async () => {
      const [header, payload, signature] = await parts(signed());
      return `${header}.${payload}.${respelled(signature)}`;
    },
  ],
  'padding after the signature': ['not base64url', async () => `${await signed()}==`],
  'base64 in place of base64url': [
    'not base64url',
    async () => {
      const [header, payload] = await parts(signed());
      return `${header}.${payload}.${'+/'.repeat(43)}`;
    },
  ],
  'a header that is a list': [
    'header is not a JSON object',
    async () => `${base64url([{ alg: 'ES256' }])}.${base64url(claims())}.AA`,
  ],
  'a header that is not JSON': [
    'header is not a JSON object',
    async () => `${base64url('alg: ES256')}.${base64url(claims())}.AA`,
  ],
  'a payload that is a list': ['ERR_JWT_INVALID', () => signText(good, JSON.stringify([claims()]))],
  'a payload that is not JSON': ['ERR_JWT_INVALID', () => signText(good, 'iss=us&aud=us')],
  'a payload that is empty': ['not base64url', () => signText(good, '')],
  'an opaque token': ['not a signed JWT', async () => 'an-opaque-token-0123456789-abcdefghij'],
  'as large as a header may carry': [
    'no such key at the issuer',
    async () => signed({ filler: 'x'.repeat(8500) }, { kid: 'unknown' }),
  ],
};

describe('a token of the issuer', () => {
  test('is accepted, so that the refusals below are due to their own fault', async () => {
    expect((await ask(await signed())).status).toBe(200);
    expect((await ask(await sign(rsa, claims()))).status).toBe(200);
  });

  test('is accepted up to 30 s after its expiry, because clocks differ', async () => {
    expect((await ask(await signed({ exp: now - 5, nbf: now + 5, iat: now + 5 }))).status).toBe(200);
  });

  test('may have a jku, which is not read', async () => {
    expect((await ask(await signed({}, { jku: `${attackers.url}/jwks` }))).status).toBe(200);
    expect((await ask(await signed({}, { jku: 1 }))).status).toBe(200);
  });

  test('need not name the key that signed it', async () => {
    expect((await ask(await signed({}, { kid: undefined }))).status).toBe(200);
  });

  test('may be as long as Entra ID makes it with 200 groups', async () => {
    const groups = Array.from({ length: 200 }, () => randomUUID());
    const token = await signed({ groups });
    expect(token.length).toBeGreaterThan(10_000);
    expect((await ask(token)).status).toBe(200);
  });
});

describe('forged and damaged tokens', () => {
  test('there are at least forty', () => {
    expect(Object.keys(FORGED).length).toBeGreaterThanOrEqual(40);
  });

  test.each(Object.entries(FORGED).map(([what, [reason, forge]]) => [what, reason, forge] as const))(
    '%s: 401 invalid_token, which does not reveal the reason: %s',
    async (_what, reason, forge) => {
      const response = await ask(await forge());
      expect(await recordOf(response)).toMatchObject({
        outcome: 'denied',
        errorCode: 'token_invalid',
        reason,
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        'Bearer realm="mcp", error="invalid_token", error_description="The access token is not valid", ' +
          'scope="echo", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
      );
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        error: { code: 401, message: 'The access token is not valid; get a new one' },
        id: null,
      });
    },
  );

  test('leave a reason in the audit log, and no part of themselves anywhere', async () => {
    const forged = await Promise.all(Object.values(FORGED).map(([, forge]) => forge()));
    const records = await app.audit(Object.keys(FORGED).length);
    const refused = records.filter(({ outcome }) => outcome === 'denied');
    expect(refused.length).toBeGreaterThanOrEqual(Object.keys(FORGED).length);
    for (const { clientId } of refused) expect(clientId).toBeUndefined();
    const everything = app.auditText() + (await app.logText()) + log.lines.join('\n');
    for (const token of forged) {
      for (const part of token.split('.').filter((each) => each.length > 12))
        expect(everything).not.toContain(part);
    }
    for (const claim of ['evil.example.com', 'UNION', 'jti-1', 'thumbprint']) {
      expect(everything).not.toContain(claim);
    }
  });

  test('cause no request to the URLs that they contain', () => {
    expect(attackers.requests()).toBe(0);
  });

  test('cause at most one fetch of the issuer’s keys in 30 s', () => {
    expect(issuer.fetches()).toBeLessThanOrEqual(2);
  });
});

describe('time', () => {
  /** Long past: a verifier that reads another clock finds every token expired. */
  const then = Date.parse('2001-09-09T01:46:40Z') / 1000;
  async function outcome(changes: Record<string, unknown>): Promise<string> {
    const { verifier } = oauthVerifier({ issuer: issuer.url, now: () => then * 1000 });
    const token = await signed({ iat: then - 10, exp: then + 300, ...changes });
    return verifier.verify(token).then(
      ({ clientId }) => clientId,
      ({ reason }) => reason,
    );
  }

  test.each([
    ['exp', { exp: then - 29 }, { exp: then - 31 }, 'expired'],
    ['nbf', { nbf: then + 29 }, { nbf: then + 31 }, 'claim nbf'],
    ['iat', { iat: then + 29 }, { iat: then + 31 }, 'iat is not a past time'],
  ])('%s may differ from the given clock by 29 s, but not by 31 s', async (_claim, good, bad, reason) => {
    expect([await outcome(good), await outcome(bad)]).toEqual(['client-1', reason]);
  });
});
