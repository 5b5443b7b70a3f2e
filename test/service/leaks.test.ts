import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createChallenge } from '../../service/auth/challenge.ts';
import { ServiceError } from '../../service/errors.ts';
import { announce } from '../../service/serve/announce.ts';
import { claimsOf, createSigningKey, sign, startIssuer } from './support/issuer.ts';
import { createLeakCheck, type LeakCheck } from './support/leaks.ts';
import { oauthVerifier } from './support/oauth-app.ts';
import { callOf, type StartOptions, startApp } from './support/start-app.ts';
import { startProcess } from './support/start-process.ts';
import { TOKENS } from './support/tokens.ts';
import { TEST_TOOLS, tool } from './support/tools.ts';

const SECRET = 'p4ssw0rd-of-the-upstream/with+all?=kinds';

/** The findings of a separate check after one call with alice's token. */
async function findingsOf(options: StartOptions, call = callOf('leaks'), headers = {}): Promise<string[]> {
  const leaks = createLeakCheck();
  leaks.secret('upstream key', SECRET);
  const app = await startApp({ leaks, ...options });
  await (await app.post(call, headers)).text();
  return leaks.findings();
}

/** A tool that answers with this text. */
function answers(text: string): StartOptions {
  return { tools: [tool('leaks', async () => ({ text, structured: { text: '', clientId: '' } }))] };
}

function throws(error: Error): StartOptions {
  const handle = async () => {
    throw error;
  };
  return { tools: [tool('leaks', handle)] };
}

describe('the output of tests is searched for their secrets', () => {
  test('nothing is found without a leak', async () => {
    expect(await findingsOf({ tools: TEST_TOOLS }, callOf('echo'))).toEqual([]);
  });

  test('a tool that answers with its caller’s token is found, and the finding does not contain the token', async () => {
    const findings = await findingsOf(answers(`you came with ${TOKENS.alice}`));
    expect(findings).toEqual([
      expect.stringMatching(/^responses: token \(plain\) in line \d+, \{"result".*you came with …$/),
    ]);
  });

  const bytes = (text: string) => Buffer.from(text);
  test.each([
    ['plain', SECRET],
    ['base64', bytes(SECRET).toString('base64')],
    ['base64', bytes(`user:${SECRET}`).toString('base64')],
    ['base64', bytes(`"${SECRET}"`).toString('base64')],
    ['base64', bytes(`me:${SECRET}:you`).toString('base64')],
    ['base64url', bytes(`user:${SECRET}`).toString('base64url')],
    ['hex', bytes(SECRET).toString('hex')],
    ['hex', bytes(SECRET).toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(SECRET)],
  ])('a secret is found %s, as in %s', async (form, text) => {
    const findings = await findingsOf(answers(`see ${text}.`));
    expect(findings).toContainEqual(expect.stringContaining(`upstream key (${form}) in line`));
  });

  test('a private key is found in JSON, and so is part of a long secret', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(SECRET.repeat(9)).toString('base64')}\n`;
    const found = async (text: string) => {
      const leaks = createLeakCheck();
      leaks.secret('private key', key);
      leaks.output({ where: 'text', read: () => text });
      return leaks.findings();
    };
    expect(await found(JSON.stringify({ key }))).not.toEqual([]);
    expect(await found(`cut off: ${key.slice(0, 100)}`)).not.toEqual([]);
    expect(await found(`cut off: ${key.slice(150, 250)}`)).not.toEqual([]);
    expect(await found('-----BEGIN PRIVATE KEY-----')).toEqual([]);
  });

  test('a secret in a header field is found', async () => {
    const challenge = createChallenge({ resourceMetadata: `https://mcp.example.com/?${SECRET}`, scopes: [] });
    const findings = await findingsOf({ challenge }, callOf('echo'), { authorization: undefined });
    expect(findings).toEqual([
      expect.stringMatching(/^responses: upstream key \(plain\) in line \d+, WWW-Auth/),
    ]);
  });

  test('a secret in the audit records is found', async () => {
    const findings = await findingsOf(throws(new ServiceError('url_refused', { reason: `see ${SECRET}` })));
    expect(findings).toEqual([
      expect.stringMatching(/^audit records: upstream key \(plain\) in line 1, \{"type":"audit"/),
    ]);
  });

  test('a secret in the log is found', async () => {
    const findings = await findingsOf(throws(new Error(`cannot log in with ${SECRET}`)));
    expect(findings).toEqual([
      expect.stringMatching(/^log: upstream key \(plain\) in line \d+, \{"type":"log"/),
    ]);
  });

  test('the keys and lists of an app are secret without being registered', async () => {
    const found = async (text: string) => (await findingsOf(answers(text))).join();
    expect(await found('k'.repeat(32))).toContain('audit key');
    expect(await found(createHash('sha256').update(TOKENS.bob).digest('hex'))).toContain('token list');
  });
});

describe('of a JWT', () => {
  async function found(leak: (token: string, claims: Record<string, unknown>) => string): Promise<string[]> {
    const key = await createSigningKey('key');
    const issuer = await startIssuer([key]);
    const claims = claimsOf(issuer.url);
    const token = await sign(key, claims);
    const { verifier } = oauthVerifier({ issuer: issuer.url });
    const findings = await findingsOf({ verifier, ...answers(leak(token, claims)) }, callOf('leaks'), {
      authorization: `Bearer ${token}`,
    });
    await issuer.close();
    return findings.map((finding) => finding.replace(/^responses: /, ''));
  }
  const part = (index: number) => (token: string) => token.split('.')[index] ?? '';

  test.each([
    ['the payload', part(1), /payload of a token \(plain\)/],
    ['the signature', part(2), /signature of a token \(plain\)/],
    ['the middle', (token: string) => token.slice(100, 200), /token \(plain\)/],
    [
      'the email',
      (_: string, claims: object) => (claims as { email: string }).email,
      /^claim email \(plain\)/,
    ],
    ['the name', (_: string, claims: object) => (claims as { name: string }).name, /^claim name \(plain\)/],
    ['the id', (_: string, claims: object) => (claims as { jti: string }).jti, /^claim jti \(plain\)/],
    ['the claims', (_: string, claims: object) => JSON.stringify(claims), /^claim https:\/\/.*\/employee/],
  ])('%s is found', async (_what, leak, finding) => {
    expect(await found(leak)).toContainEqual(expect.stringMatching(finding));
  });

  test('issuer, audience, client and scopes are not secret', async () => {
    const open = await found((_, { iss, aud, client_id, scope }) => `${iss} ${aud} ${client_id} ${scope}`);
    expect(open).toEqual([]);
  });
});

describe('of a process', () => {
  async function found(script: string, variables: Record<string, string>): Promise<string[]> {
    const leaks: LeakCheck = createLeakCheck();
    const running = startProcess(process.execPath, ['-e', script], variables, { leaks });
    await running.exited();
    return leaks.findings();
  }
  const token = 'dev-token-0123456789-abcdef';
  const announcement = announce({
    url: 'http://127.0.0.1:8080/mcp',
    token,
    pages: { allowedDomains: ['*'], localOrigins: [] },
  });
  const says = (text: string) => `process.stderr.write(${JSON.stringify(text)})`;

  test('a variable that was registered as secret is found on standard output and standard error', async () => {
    const variables = { UPSTREAM_KEY: SECRET, MCP_AUDIT_KEY: 'env:UPSTREAM_KEY' };
    expect(await found('console.log(process.env.UPSTREAM_KEY)', variables)).toEqual([
      expect.stringMatching(/^standard output of .*: UPSTREAM_KEY \(plain\) in line 1, …$/),
    ]);
    expect(await found('console.error(process.env)', variables)).toEqual([
      expect.stringMatching(/^standard error of .*: UPSTREAM_KEY \(plain\) in line \d+, /),
    ]);
  });

  test('no finding contains a secret, whatever surrounds it', async () => {
    const script = `console.log(process.env.OTHER_KEY + process.env.UPSTREAM_KEY) // ${SECRET}`;
    const findings = await found(script, { UPSTREAM_KEY: SECRET, OTHER_KEY: 'other-key-0123456789' });
    expect(findings).toHaveLength(2);
    expect(findings.join()).not.toMatch(/p4ssw0rd|other-key/);
  });

  test('the development token may appear in the start message, and nowhere else', async () => {
    const log = '{"type":"log","event":"listening"}\n';
    expect(await found(says(`${log}${announcement}${log}`), {})).toEqual([]);
    for (const text of [`${announcement}${token}\n`, `${token}\n${announcement}`, announcement.repeat(2)]) {
      expect(await found(says(text), {})).toContainEqual(
        expect.stringMatching(/^standard error of .*: development token \(plain\) in line \d+, /),
      );
    }
  });
});

test('ten thousand secrets are searched for in two megabytes in a few seconds of CPU', async () => {
  const leaks = createLeakCheck();
  for (let i = 0; i < 10_000; i++) leaks.secret('key', `secret-number-${i}-of-many`);
  const text = `${'secret-number-x '.repeat(128_000)} secret-number-9999-of-many`;
  leaks.output({ where: 'text', read: () => text });
  const begun = process.cpuUsage();
  expect(await leaks.findings()).toEqual([expect.stringMatching(/^text: key \(plain\) in line 1, /)]);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1000).toBeLessThan(5_000);
});

test('a file whose tests leak fails, although each of its tests passes', () => {
  const jest = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...['--experimental-vm-modules', jest, '--testMatch', '**/support/leaking.fixture.ts'],
      ...['--testTimeout', '20000'],
    ],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  expect(stderr).toContain('Tests:       1 passed, 1 total');
  expect(stderr).toMatch(
    /secrets of these tests are in their output \(1\):\s+responses: token \(plain\) in line /,
  );
  expect(stderr).not.toContain(TOKENS.alice);
  expect(status).toBe(1);
});
