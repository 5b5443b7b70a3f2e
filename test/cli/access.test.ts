import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allow, deny, listDenials } from '../../cli/access-list.ts';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { subjectText } from '../../service/auth/user.ts';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';
import { programBundle } from '../support/bundles.ts';

const access = programBundle('access');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-access-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...words: string[]) {
  const cwd = new URL('../..', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [access, ...words], {
    cwd,
    encoding: 'utf8',
    env: { HOME: folder },
  });
  return { status, stdout, stderr };
}

describe('the changes', () => {
  const now = Date.parse('2026-12-01T00:00:00Z');
  const ended = { id: 'old', expiresAt: '2026-11-30T23:59:59.000Z' };

  test('keep every other entry, replace the one with the same id, and remove those that have ended', () => {
    let list = JSON.stringify({ deny: { tools: [ended, { id: 'echo' }] } });
    list = deny(list, 'user', { id: 'ann' }, now);
    list = deny(list, 'user', { id: 'ann', reason: 'left' }, now);
    expect(listDenials(list)).toEqual([
      { kind: 'user', id: 'ann', reason: 'left' },
      { kind: 'tool', id: 'echo' },
    ]);
    expect(listDenials(allow(list, 'tool', 'echo', now))).toEqual([
      { kind: 'user', id: 'ann', reason: 'left' },
    ]);
  });

  test('refuse to allow an entry that is not in the list, and refuse to change an invalid list', () => {
    expect(() => allow(NOTHING_DENIED, 'user', 'ann', now)).toThrow('the list does not deny the user ann');
    expect(() => deny('{}', 'user', { id: 'ann' }, now)).toThrow('the access list is not usable');
    expect(() => deny(NOTHING_DENIED, 'version', { id: 'old' }, now)).toThrow('must be a revision');
  });

  /** A list of as many users as it is asked for, with identifiers as Entra ID has them. */
  const listOf = (users: number, more = {}) =>
    JSON.stringify({
      deny: { users: Array.from({ length: users }, () => ({ id: randomUUID(), ...more })) },
    });

  test('fit 500 users, or 220 with the longest reasons and ends, as the runbook says', () => {
    const longest = { reason: 'x'.repeat(200), expiresAt: '2026-12-24T18:00:00.000Z' };
    expect(listDenials(deny(listOf(499), 'user', { id: 'ann' }, now))).toHaveLength(500);
    expect(listDenials(deny(listOf(219, longest), 'user', { id: 'ann', ...longest }, now))).toHaveLength(220);
    expect(() => deny(listOf(224, longest), 'user', { id: 'ann', ...longest }, now)).toThrow('bytes');
    const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8').replaceAll(
      /\s+/g,
      ' ',
    );
    expect(runbook).toContain('500 users, or about 220 with the longest reasons and an end');
  });

  test('say before the store refuses a list that is too long, and name what denies for good', () => {
    const reason = 'x'.repeat(200);
    expect(() => deny(listOf(253, { reason }), 'tool', { id: 'echo', reason }, now)).toThrow(
      /^the list would have \d+ bytes, and 65536 are the most\. .*: leave the tool out of the stage’s tools\./,
    );
    expect(() => deny(listOf(500), 'user', { id: 'ann' }, now)).toThrow(
      'the list would have 501 entries of the kind user, and 500 are the most. Deny for good what is in it, and allow it ' +
        'here: disable the account at the identity provider, or expire its tokens with npm run tokens. Entries with ' +
        '--expires leave the list by themselves',
    );
    const ended = { expiresAt: '2026-11-30T23:59:59.000Z' };
    expect(listDenials(deny(listOf(500, ended), 'user', { id: 'ann' }, now))).toEqual([
      { kind: 'user', id: 'ann' },
    ]);
  });
});

test('the transcript in the runbook is what the command prints', () => {
  const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');
  const [, transcript = ''] = /```console\n(\$ npm run -s access.*?)```/s.exec(runbook) ?? [];
  const file = join(folder, 'transcript.json');
  const printed = transcript
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => {
      const [, command = ''] = /^\$ npm run -s access -- (.*) --secret "\$LIST"$/.exec(line) ?? [];
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
      const { stdout, stderr } = run(...words, '--file', file);
      return `${line}\n${stdout}${stderr}`;
    });
  expect(printed).toHaveLength(7);
  expect(printed.join('')).toBe(transcript);
});

describe('npm run access, of a file', () => {
  test('denies, lists and allows', () => {
    const file = join(folder, 'access.json');
    expect(run('deny', 'user', 'ann', '--reason', 'left', '--file', file)).toEqual({
      ...{ status: 0, stdout: '' },
      stderr: 'The user ann is denied; every task applies the change within 30 s\n',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(run('deny', 'tool', 'echo', '--expires', '2999-01-01T00:00Z', '--file', file).status).toBe(0);
    expect(run('list', '--file', file).stdout).toMatch(
      /^KIND +ID +EXPIRES +REASON\nuser +ann +never +left\ntool +echo +2999-01-01T00:00:00.000Z\n$/,
    );
    expect(run('allow', 'user', 'anne', '--file', file)).toMatchObject({
      status: 1,
      stderr: 'the list does not deny the user anne\n',
    });
    expect(run('allow', 'user', 'ann', '--file', file).stderr).toContain('is no longer denied');
    expect(listDenials(readFileSync(file, 'utf8')).map(({ id }) => id)).toEqual(['echo']);
  }, 60_000);

  test('says what to do about a folder that does not exist, and about a name without a region', () => {
    const file = join(folder, 'none', 'access.json');
    expect(run('deny', 'user', 'ann', '--file', file)).toMatchObject({
      status: 1,
      stderr: `the folder of ${file} does not exist; create it\n`,
    });
    expect(run('deny', 'user', 'ann', '--secret', 'access')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Region is missing: give the ARN of the secret, or set AWS_REGION\n'),
    });
  }, 60_000);

  test('stores an e-mail address only as the audit records do', () => {
    const file = join(folder, 'people.json');
    const issuer = 'https://login.example.com';
    expect(run('deny', 'user', 'ann@example.com', '--file', file).status).toBe(64);
    expect(run('deny', 'user', 'ann@example.com', '--issuer', issuer, '--file', file).status).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('ann@');
    expect(listDenials(text)[0]?.id).toBe(subjectText(issuer, 'ann@example.com'));
  }, 60_000);

  test.each([
    [[], 'the command must be one of list, deny, allow'],
    [['deny', 'user', 'ann'], 'exactly one of --secret and --file is required'],
    [['deny', 'person', 'ann', '--file', 'x'], 'KIND must be one of user, client, tool, version'],
    [['deny', 'user', '--file', 'x'], 'ID is required'],
    [
      ['deny', 'user', 'Ann Smith', '--file', 'x'],
      'ID must be a userId of the audit records: 1 to 128 printable ASCII characters without @, got "Ann Smith"',
    ],
    [
      ['deny', 'client', 'two words', '--file', 'x'],
      'ID must be 1 to 512 printable ASCII characters, got "two words"',
    ],
    [['allow', 'client', '', '--file', 'x'], 'ID must be 1 to 512 printable ASCII characters, got ""'],
    [['deny', 'version', 'old', '--file', 'x'], 'ID must be a revision such as 2025-11-25, got "old"'],
    [
      ['deny', 'user', 'ann', '--reason', 'a\nb', '--file', 'x'],
      '--reason must be 1 to 200 characters on one line, got "a\\nb"',
    ],
    [
      ['deny', 'user', 'ann@example.com', '--issuer', 'login.example.com', '--file', 'x'],
      '--issuer must be the https URL that task.oauth.issuer has, got "login.example.com"',
    ],
    [['deny', 'user', 'ann', '--expires', '2020-01-01T00:00:00Z', '--file', 'x'], 'must be a later time'],
    [['deny', 'user', 'ann', '--expires', '1', '--file', 'x'], 'must be a later time'],
    [['allow', 'user', 'ann', '--reason', 'x', '--file', 'x'], 'allow has no --reason'],
    [['deny', 'tool', 'a', '--issuer', 'x', '--file', 'x'], '--issuer is for a user'],
    [['list', 'user', '--file', 'x'], 'unexpected extra arguments'],
  ])('exits 64 on %j', (words, why) => {
    const { status, stderr } = run(...words);
    expect(status).toBe(64);
    expect(stderr).toContain(why);
  });
});

test('npm run access, of a secret: a concurrent change is kept', async () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:access-AbCdEf';
  const store = await startSecretsManager({ [arn]: NOTHING_DENIED });
  const other = JSON.stringify({ deny: { clients: [{ id: 'ci' }] } });
  store.onCall = async ({ operation }, when) => {
    if (operation === 'PutSecretValue' && when === 'before' && store.secrets.get(arn) === NOTHING_DENIED)
      store.secrets.set(arn, other);
    return undefined;
  };
  const denied = startProcess(process.execPath, [access, 'deny', 'user', 'ann', '--secret', arn], {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  });
  expect(await denied.exited()).toBe(0);
  expect(listDenials(store.secrets.get(arn) ?? '').map(({ id }) => id)).toEqual(['ann', 'ci']);
  await store.close();
}, 60_000);
