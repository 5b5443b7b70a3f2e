import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../service/support/authorization-server.ts';
import { portOf, postToBundle, startBundle } from '../service/support/deployed-bundle.ts';
import {
  connectBySignIn,
  createSession,
  type Kind,
  registerClient,
  type Session,
  V1,
  V2_PINNED,
} from '../service/support/desktop-client.ts';
import { leaks } from '../service/support/leaks.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { entry } from '../service/support/tokens.ts';
import { until } from '../service/support/until.ts';
import { programBundle } from '../support/bundles.ts';
import { loopbackFetch } from '../support/loopback-fetch.ts';

const URL_OF_SERVICE = 'https://mcp.example.com/mcp';
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:access-AbCdEf';
const AUDIT_KEY = randomBytes(32).toString('hex');
const ERAS = { '2025-11-25': V1, '2026-07-28': V2_PINNED } as const satisfies Record<string, Kind>;
type Era = keyof typeof ERAS;
const PEOPLE = ['ann', 'ben'] as const;
type Person = (typeof PEOPLE)[number];

let directory: string;
let issuer: AuthorizationServer;
let store: SecretsManagerStandIn;
/** The client of both people, as the issuer registered it. */
let clientId: string;
/** The sign-ins, by person and era. */
const sessions = new Map<string, Session>();
const running: RunningProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-two-people-'));
  const tls = await createStoreCertificate();
  writeFileSync(join(directory, 'ca.pem'), tls.cert);
  issuer = await startAuthorizationServer(['echo'], tls);
  store = await startSecretsManager({ audit: JSON.stringify({ key: AUDIT_KEY }), [ARN]: NOTHING_DENIED });
  ({ client_id: clientId } = await registerClient(issuer.issuer, loopbackFetch()));
}, 60_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await store.close();
  await issuer.close();
  rmSync(directory, { recursive: true });
});

const aws = () => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
});

function startDeployed(more: Record<string, string>): RunningProcess {
  const server = startBundle({
    ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: URL_OF_SERVICE },
    MCP_AUDIT_KEY: 'aws-secretsmanager:audit#key',
    MCP_ACCESS_LIST: `aws-secretsmanager:${ARN}`,
    ...aws(),
    ...more,
  });
  running.push(server);
  return server;
}

/** Starts the deployed program with the issuer, and connects an official client for each person and era. */
async function start(more: Record<string, string>) {
  const server = startDeployed({
    ...{ MCP_AUTH_MODE: 'oauth', MCP_OAUTH_ISSUER: issuer.issuer },
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
    ...more,
  });
  const fetch = loopbackFetch({ 'mcp.example.com': await portOf(server) });
  const clients = new Map<string, Awaited<ReturnType<typeof connectBySignIn>>>();
  for (const [era, kind] of Object.entries(ERAS)) {
    for (const person of PEOPLE)
      clients.set(`${person} ${era}`, await connect(person, era as Era, kind, fetch));
  }
  /** The text of a tool, or the status of the refusal. */
  const greet = async (person: Person, era: Era): Promise<string | number> => {
    const client = clients.get(`${person} ${era}`);
    try {
      const result = await client?.callTool({ name: 'greet', arguments: { name: person } });
      const [block] = (result?.content ?? []) as { text: string }[];
      return block?.text ?? '';
    } catch (error) {
      const { code, status, message } = error as Error & { code?: unknown; status?: unknown };
      const found = [status, code, /\b(?:HTTP )?(4\d\d)\b/.exec(message)?.[1]]
        .map(Number)
        .find((one) => one >= 400);
      if (found === undefined) throw error;
      return found;
    }
  };
  const records = () =>
    server
      .stdout()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { server, greet, records };
}

/** Starts the deployed program with a list of tokens that name the people. @returns the status of a list of tools */
async function startWithTokens(): Promise<(person: Person) => Promise<number>> {
  const tokenOf = (person: Person) => `token-of-${person}-0123456789-abcdefgh`;
  const tokens = PEOPLE.map((person) => ({
    ...entry(tokenOf(person), 'connector', ['echo']),
    userId: person,
  }));
  store.secrets.set('tokens', JSON.stringify({ tokens }));
  const port = await portOf(startDeployed({ MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens' }));
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  return async (person) => (await postToBundle(port, tokenOf(person), list)).status;
}

/** Signs in with the issuer, unless the person has done so in this era. */
async function connect(person: Person, era: Era, kind: Kind, fetch: typeof globalThis.fetch) {
  const known = sessions.get(`${person} ${era}`);
  if (known !== undefined) {
    const client = kind.client();
    await client.connect(kind.transport(known.provider, URL_OF_SERVICE, fetch) as never);
    return client;
  }
  const session = createSession({ client_id: clientId, issuer: issuer.issuer });
  const client = await connectBySignIn(kind, session, URL_OF_SERVICE, { login: person, fetch });
  sessions.set(`${person} ${era}`, session);
  leaks.token(session.tokens()['access_token'] ?? '');
  return client;
}

describe('two people who use one client of an identity provider, each in both eras', () => {
  test('have limits and records of their own', async () => {
    const { greet, records } = await start({ MCP_USER_LIMIT_PER_MINUTE: '15' });
    const tokens = [...sessions].map(([who, session]) => [
      who,
      decodeJwt(session.tokens()['access_token'] ?? ''),
    ]);
    for (const [who, claims] of tokens as [string, ReturnType<typeof decodeJwt>][]) {
      expect(claims).toMatchObject({ iss: issuer.issuer, aud: URL_OF_SERVICE, client_id: clientId });
      expect(who.startsWith(`${claims.sub} `)).toBe(true);
    }

    const seen = [];
    for (let calls = 0; calls < 15 && seen.at(-1) !== 429; calls++)
      seen.push(await greet('ann', '2025-11-25'));
    expect(seen[0]).toBe('Hello, ann');
    expect(seen.at(-1)).toBe(429);
    // A limit of the person, not of the connection.
    expect(await greet('ann', '2026-07-28')).toBe(429);
    expect([await greet('ben', '2025-11-25'), await greet('ben', '2026-07-28')]).toEqual(
      Array(2).fill('Hello, ben'),
    );

    await until(() =>
      records().some(
        ({ userId, protocolVersion, tool }) =>
          userId === 'ben' && protocolVersion === '2026-07-28' && tool === 'greet',
      ),
    );
    const called = records().filter(({ clientId: client }) => client !== undefined);
    expect(new Set(called.map(({ clientId: client }) => client))).toEqual(new Set([clientId]));
    const kinds = called
      .filter(({ errorCode, tool }) => tool === 'greet' || errorCode === 'client_rate_limited')
      .map(({ userId, protocolVersion, outcome }) => [userId, protocolVersion, outcome].join(' '));
    expect(new Set(kinds)).toEqual(
      new Set([
        'ann 2025-11-25 ok',
        // Refused before the message is read.
        'ann  rate_limited',
        'ben 2025-11-25 ok',
        'ben 2026-07-28 ok',
      ]),
    );
    const check = createChainCheck({ key: createSecretKey(Buffer.from(AUDIT_KEY)) });
    for (const record of running[0]?.stdout().split('\n') ?? []) expect(check.add(record)).toBeUndefined();
    expect(check.records).toBe(records().length);
  }, 60_000);

  test('are cut off one by one: within 30 s of the command Ann gets 403 in both eras, and Ben goes on working', async () => {
    const { server, greet, records } = await start({ MCP_TOOL_LIMIT_PER_MINUTE: '600' });
    const statusOf = await startWithTokens();
    const all = async (person: Person) => [
      await greet(person, '2025-11-25'),
      await greet(person, '2026-07-28'),
      await statusOf(person),
    ];
    expect(await all('ann')).toEqual(['Hello, ann', 'Hello, ann', 200]);

    const words = ['deny', 'user', 'ann', '--secret', ARN];
    const command = startProcess(process.execPath, [programBundle('access'), ...words], aws());
    expect(await command.exited()).toBe(0);
    const denied = performance.now();
    const seen = { ann: await all('ann'), ben: new Set<unknown>() };
    while (seen.ann.some((one) => one !== 403) && performance.now() - denied < 60_000) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      for (const one of await all('ben')) seen.ben.add(one);
      seen.ann = await all('ann');
    }
    const seconds = (performance.now() - denied) / 1000;
    for (const one of await all('ben')) seen.ben.add(one);
    expect({ ann: seen.ann, ben: [...seen.ben] }).toEqual({ ann: [403, 403, 403], ben: ['Hello, ben', 200] });
    expect(seconds).toBeLessThan(30);
    expect(running.map(({ child }) => child.exitCode)).toEqual(running.map(() => null));
    expect(server.stderr()).toContain('"event":"access_list_changed","users":1');
    const refused = records().filter(({ errorCode }) => errorCode === 'access_denied');
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(
      new Set(refused.map(({ userId, outcome, reason }) => [userId, outcome, reason].join(': '))),
    ).toEqual(new Set(['ann: denied: user denied']));
  }, 120_000);
});
