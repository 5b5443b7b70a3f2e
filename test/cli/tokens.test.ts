import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseTokenDocument } from '../../service/auth/token-document.ts';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';
import { programBundle } from '../support/bundles.ts';

const tokens = programBundle('tokens');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('npm run tokens, of a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-tokens-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(...words: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tokens, ...words], {
      cwd: new URL('../..', import.meta.url).pathname,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }
  const clientsOf = (file: string) =>
    parseTokenDocument(readFileSync(file, 'utf8')).map(({ principal }) => principal.clientId);

  test('adds, lists, rotates and expires; prints each token once, on standard output', () => {
    const file = join(folder, 'tokens.json');
    const added = run('add', 'laptop', '--scopes', 'scrape,other', '--file', file);
    expect(added).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^[\w-]{43}\n$/),
      stderr: 'Token of laptop, shown only now:\n',
    });
    expect(readFileSync(file, 'utf8')).toContain(sha256(added.stdout.trim()));
    expect(readFileSync(file, 'utf8')).not.toContain(added.stdout.trim());
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const rotated = run('rotate', 'laptop', '--file', file);
    expect(rotated.status).toBe(0);
    expect(rotated.stdout).not.toBe(added.stdout);
    expect(clientsOf(file)).toEqual(['laptop', 'laptop']);

    const listed = run('list', '--file', file);
    expect(listed.stdout).toMatch(
      /^CLIENT +USER +SCOPES +EXPIRES +MADE BY\n(laptop +scrape,other +20\S+Z +administrator\n){2}$/,
    );
    for (const { stdout } of [added, rotated]) {
      expect(listed.stdout).not.toContain(stdout.trim());
      expect(listed.stdout).not.toContain(sha256(stdout.trim()));
    }

    expect(run('expire', 'laptop', '--file', file)).toMatchObject({ status: 0, stdout: '' });
    expect(clientsOf(file)).toEqual([]);
    expect(run('list', '--file', file).stderr).toBe('The list is empty: every client is refused\n');
    expect(readdirSync(folder)).toEqual(['tokens.json']);
  }, 90_000);

  test('does not change a file that is invalid, or that another process is changing', () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, 'sudo make me a token');
    expect(run('add', 'laptop', '--scopes', 'scrape', '--file', file)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'the token list is not JSON\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('sudo make me a token');
    expect(existsSync(`${file}.new`)).toBe(false);

    writeFileSync(file, '{"tokens":[]}');
    writeFileSync(`${file}.new`, '');
    expect(run('add', 'laptop', '--scopes', 'scrape', '--file', file)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('another process'),
    });
    expect(readFileSync(file, 'utf8')).toBe('{"tokens":[]}');
    expect(existsSync(`${file}.new`)).toBe(true);
  });

  test('changes the target of a link, and refuses a path that is not a file', () => {
    const file = join(folder, 'real.json');
    writeFileSync(file, '{"tokens":[]}', { mode: 0o644 });
    symlinkSync(file, join(folder, 'link.json'));
    expect(run('add', 'laptop', '--scopes', 'scrape', '--file', join(folder, 'link.json')).status).toBe(0);
    expect(clientsOf(file)).toEqual(['laptop']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(run('list', '--file', folder)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is not a file'),
    });
    expect(run('list', '--file', join(folder, 'none')).stderr).toContain('does not exist');
  });

  test.each([
    [[], 'the command must be one of list, add, rotate, expire'],
    [['add', 'laptop'], 'exactly one of --secret and --file is required'],
    [['add', 'laptop', '--secret', 'a', '--file', 'b'], 'exactly one of --secret and --file is required'],
    [['add', '--file', 'x'], 'CLIENT must be 1 to 64'],
    [['add', 'a\x1b[2J', '--file', 'x'], 'got "a\\u001b[2J"'],
    [
      ['add', 'laptop', '--scopes', 'x', '--days', '0', '--file', 'x'],
      '--days must be a whole number from 1 to 3650, got "0"',
    ],
    [['add', 'laptop', '--file', 'x'], 'add needs --scopes: those of the tools that the client may call'],
    [['add', 'laptop', '--scopes', ',', '--file', 'x'], 'add needs --scopes'],
    [
      ['add', 'laptop', '--scopes', 'scrape,two words', '--file', 'x'],
      '--scopes must be 1 to 64 scopes such as scrape,other, got "scrape,two words"',
    ],
    [['expire', 'laptop', '--days', '5', '--file', 'x'], 'expire has no --days'],
    [['list', 'laptop', '--file', 'x'], 'unexpected extra arguments'],
  ])('exits 64 on %j', (words, why) => {
    const { status, stdout, stderr } = run(...words);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(why);
  });
});

describe('npm run tokens, of a secret', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens-AbCdEf';
  const run = (endpoint: string, ...words: string[]) =>
    startProcess(process.execPath, [tokens, ...words, '--secret', arn], {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    });

  test('changes it in place, and keeps a concurrent change', async () => {
    const store = await startSecretsManager({ [arn]: '{"tokens":[]}' });
    const other = {
      sha256: 'a'.repeat(64),
      clientId: 'other',
      scopes: [],
      expiresAt: '2999-01-01T00:00:00Z',
    };
    const operations = new Set<string>();
    store.onCall = async ({ operation }, when) => {
      operations.add(operation);
      if (operation !== 'PutSecretValue' || when === 'after') return undefined;
      if (store.secrets.get(arn) === '{"tokens":[]}')
        store.secrets.set(arn, JSON.stringify({ tokens: [other] }));
      return undefined;
    };
    const added = run(store.url, 'add', 'ci', '--scopes', 'scrape');
    expect(await added.exited()).toBe(0);
    expect(added.stdout()).toMatch(/^[\w-]{43}\n$/);
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toMatchObject([
      other,
      { clientId: 'ci', sha256: sha256(added.stdout().trim()) },
    ]);
    expect(store.lastAuthorization()).toContain('/eu-west-1/secretsmanager/');

    const rotated = run(store.url, 'rotate', 'ci', '--hours', '0');
    expect(await rotated.exited()).toBe(0);
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toMatchObject([
      other,
      { clientId: 'ci', sha256: sha256(rotated.stdout().trim()) },
    ]);

    const expired = run(store.url, 'expire', 'ci');
    expect(await expired.exited()).toBe(0);
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toEqual([other]);

    const listed = run(store.url, 'list');
    expect(await listed.exited()).toBe(0);
    await store.close();
    expect(listed.stdout()).toMatch(/^other +2999-01-01T00:00:00Z +administrator$/m);
    // A person has exactly the rights that the page lists.
    const page = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
    const listedRights = [...page.matchAll(/"secretsmanager:(\w+)"/g)].map(([, action]) => action);
    expect(listedRights.sort()).toEqual([...operations].sort());
  }, 90_000);

  test('leaves room in the secret for the rotation, and still expires tokens of a full list', async () => {
    const entry = (index: number) => ({
      clientId: `client-${index}`,
      scopes: ['scrape'],
      sha256: sha256(`${index}`),
      expiresAt: '2999-01-01T00:00:00Z',
    });
    const full = JSON.stringify({ tokens: Array.from({ length: 314 }, (_, index) => entry(index)) });
    const store = await startSecretsManager({ [arn]: full });
    const added = run(store.url, 'add', 'ci', '--scopes', 'scrape');
    expect({ exit: await added.exited(), stdout: added.stdout() }).toEqual({ exit: 1, stdout: '' });
    expect(added.stderr()).toMatch(
      /would have \d+ bytes, and 49152 are the most: .* for more clients, use an issuer/,
    );
    expect(store.secrets.get(arn)).toBe(full);
    const expired = run(store.url, 'expire', 'client-7');
    expect(await expired.exited()).toBe(0);
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toHaveLength(313);
    await store.close();
  }, 60_000);

  test('prints no token when the change was refused', async () => {
    const store = await startSecretsManager({ [arn]: '{"tokens":[]}' });
    store.fail('AccessDeniedException');
    const added = run(store.url, 'add', 'ci', '--scopes', 'scrape');
    expect({ exit: await added.exited(), stdout: added.stdout() }).toEqual({ exit: 1, stdout: '' });
    await store.close();
  });

  const denied = (who: string, why: string) =>
    `User: ${who} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arn} ${why}`;
  const ROLE = 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/ann@acme.io';
  const USER = 'arn:aws:iam::123456789012:user/team/ann';
  const DENY = 'with an explicit deny in a resource-based policy';
  test.each([
    [
      'a role that is no administrator',
      'AccessDeniedException',
      denied(ROLE, DENY),
      'In infra/config.ts, add\nthe ARN that this prints:\n  aws iam get-role --role-name AWSReservedSSO_Admin_0a1b --query Role.Arn --output text\nThen deploy, and try again.\n',
    ],
    [
      'a user who is no administrator',
      'AccessDeniedException',
      denied(USER, DENY),
      `In infra/config.ts, add\nthe ARN ${USER}\nThen deploy, and try again.\n`,
    ],
    [
      'an administrator without the rights',
      'AccessDeniedException',
      denied(ROLE, 'because no identity-based policy allows the secretsmanager:GetSecretValue action'),
      'The rights that an administrator of tokens needs: docs/tokens.md',
    ],
    [
      'an administrator without the key',
      'AccessDeniedException',
      'Access to KMS is not allowed',
      'The rights that an administrator of tokens needs: docs/tokens.md',
    ],
    [
      'a session that has ended',
      'ExpiredTokenException',
      'The security token included in the request is expired',
      'Sign in as for the AWS CLI, and try again.\n',
    ],
  ])('tells %s what to do', async (_, code, message, step) => {
    const store = await startSecretsManager({ [arn]: '{"tokens":[]}' });
    store.fail(code, message);
    const added = run(store.url, 'add', 'me', '--scopes', 'scrape');
    expect({ exit: await added.exited(), stdout: added.stdout() }).toEqual({ exit: 1, stdout: '' });
    expect(added.stderr()).toContain(`${message}\n`);
    expect(added.stderr()).toContain(step);
    await store.close();
  });
});
