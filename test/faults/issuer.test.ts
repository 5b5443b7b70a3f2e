import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AUDIENCE,
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from '../service/support/issuer.ts';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { until } from '../service/support/until.ts';
import { type Gate, silence, startGate, webPage } from './support/gate.ts';
import { type FaultServer, figure, LIST, startServer } from './support/server.ts';

const MINUTE = 60_000;

let directory: string;
let issuer: IssuerStandIn;
let gate: Gate;
let url: string;
let key: SigningKey;
let server: FaultServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-issuer-'));
  const tls = await createStoreCertificate();
  writeFileSync(join(directory, 'ca.pem'), tls.cert);
  key = await createSigningKey('first');
  issuer = await startIssuer([key]);
  gate = await startGate(Number(new URL(issuer.url).port), tls);
  url = `https://localhost:${gate.port}`;
  issuer.metadata = { ...issuer.metadata, issuer: url, jwks_uri: `${url}/jwks` };
});
beforeEach(async () => {
  issuer.jwks = { keys: [key.jwk] };
  gate.become();
  await gate.up();
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(async () => {
  await gate.down();
  await issuer.close();
  rmSync(directory, { recursive: true });
});

async function start(): Promise<void> {
  server = await startServer({
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: url,
    MCP_AUTH_TOKENS: '',
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
  });
}

/** A token that stays valid for a year, whatever the clocks are set to. */
const tokenOf = (signer: SigningKey) =>
  sign(
    signer,
    claimsOf(url, { aud: AUDIENCE, scope: 'scrape', exp: Math.floor(Date.now() / 1000) + 86_400 }),
  );
const ask = async (signer: SigningKey) => server.post(LIST, { token: await tokenOf(signer) });

describe('an issuer whose keys cannot be fetched', () => {
  test.each([
    ['refuses connections', () => gate.down(), 1000],
    ['never answers', async () => gate.become(silence), 4000],
    ['answers with a web page', async () => gate.become(webPage), 1000],
  ])('at the start, as it %s: 503 until it is back', async (what, fault, bound) => {
    await fault();
    await start();
    const answer = await ask(key);
    expect([answer.status, answer.said, answer.headers['retry-after']]).toEqual([503, 503, '5']);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(answer.ms).toBeLessThan(bound);
    expect(await server.recordsOf(answer.requestId)).toMatchObject([
      { outcome: 'error', errorCode: 'issuer_unavailable', reason: 'no keys of the issuer' },
    ]);
    await server.says(/"event":"issuer_keys_failed"/);
    gate.become();
    await gate.up();
    await server.setClock({ monotonic: 6000 });
    const afterwards = await server.healthy(await tokenOf(key));
    figure(`issuer at start ${what}`, {
      client: answer.status,
      ms: answer.ms,
      audit: 'error issuer_unavailable',
      afterwards,
    });
  });

  test('later: the last good keys serve for an hour, then 503 until it is back', async () => {
    await start();
    await server.healthy(await tokenOf(key));
    gate.become(silence);
    await server.setClock({ monotonic: 11 * MINUTE });
    const first = await ask(key);
    const second = await ask(key);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.ms).toBeLessThan(4000);
    expect(second.ms).toBeLessThan(500);
    await gate.down();
    await server.setClock({ monotonic: 50 * MINUTE });
    const late = await ask(key);
    expect(late.status).toBe(503);
    expect(await server.recordsOf(late.requestId)).toMatchObject([
      { outcome: 'error', errorCode: 'issuer_unavailable' },
    ]);
    await gate.up();
    gate.become();
    await server.setClock({ monotonic: 6000 });
    const afterwards = await server.healthy(await tokenOf(key));
    figure('issuer later never answers', {
      first: first.status,
      firstMs: first.ms,
      secondMs: second.ms,
      after61min: late.status,
      audit: 'ok; then error issuer_unavailable',
      afterwards,
    });
  });
});

test('an issuer that rotates its key: the new key is valid at once, and the old one is invalid from then on', async () => {
  const next = await createSigningKey('second');
  await start();
  await server.healthy(await tokenOf(key));
  await server.setClock({ monotonic: MINUTE });
  issuer.jwks = { keys: [next.jwk] };
  const fetches = issuer.fetches();
  const fresh = await ask(next);
  expect(fresh.status).toBe(200);
  expect(issuer.fetches()).toBe(fetches + 1);
  const old = await ask(key);
  expect([old.status, old.said]).toEqual([401, 401]);
  expect(await server.recordsOf(old.requestId)).toMatchObject([
    { outcome: 'denied', errorCode: 'token_invalid' },
  ]);
  const afterwards = await server.healthy(await tokenOf(next));
  figure('issuer rotates its key', {
    newKey: fresh.status,
    newKeyMs: fresh.ms,
    oldKey: old.status,
    fetches: 1,
    audit: 'ok; denied token_invalid for the old key',
    afterwards,
  });
});

describe('an issuer that publishes 10,000 keys', () => {
  const many = (one: (n: number) => object) => ({ keys: Array.from({ length: 10_000 }, (_, n) => one(n)) });

  test.each([
    ['of the usual size', 'more than 262144 bytes', (n: number) => ({ ...key.jwk, kid: `k${n}` })],
    ['as small as they can be', 'more than 100 keys', () => ({})],
  ])(
    '%s: the last good keys serve, and no token signed by the new ones is accepted',
    async (what, problem, one) => {
      await start();
      await server.healthy(await tokenOf(key));
      const poison = await createSigningKey('poison');
      const set = many(one);
      issuer.jwks = { keys: [...set.keys, poison.jwk, key.jwk] };
      await server.setClock({ monotonic: MINUTE });
      const before = gate.bytes();
      const denied = await ask(poison);
      expect([denied.status, denied.said]).toEqual([401, 401]);
      expect(await server.recordsOf(denied.requestId)).toMatchObject([
        { outcome: 'denied', errorCode: 'token_invalid' },
      ]);
      expect(server.stderr()).toContain(problem);
      const read = gate.bytes() - before;
      const good = await ask(key);
      expect(good.status).toBe(200);
      issuer.jwks = { keys: [key.jwk] };
      await server.setClock({ monotonic: 6000 });
      await until(async () => (await ask(key)).status === 200);
      const afterwards = await server.healthy(await tokenOf(key));
      figure(`issuer with 10,000 keys ${what}`, {
        poisoned: denied.status,
        poisonedMs: denied.ms,
        good: good.status,
        goodMs: good.ms,
        setBytes: JSON.stringify(set).length,
        sentBytes: read,
        audit: 'denied token_invalid; ok',
        afterwards,
      });
    },
  );
});
