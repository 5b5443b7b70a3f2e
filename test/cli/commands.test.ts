import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';

const root = new URL('../..', import.meta.url).pathname;

function run(script: string, words: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', `cli/${script}.ts`, ...words],
    { cwd: root, encoding: 'utf8', input },
  );
  return { status, stdout, stderr };
}

function token(endpoint: string, words: string[]) {
  return startProcess(process.execPath, ['--import', 'tsx', 'cli/token.ts', ...words], {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  });
}

describe('npm run token', () => {
  test('reads the list from standard input, prints the new one there and the token beside it', () => {
    const { status, stdout, stderr } = run('token', ['--client', 'ci', '--list', '-'], '{"tokens":[]}\n');
    expect(status).toBe(0);
    const token = stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(stdout).tokens).toMatchObject([
      { clientId: 'ci', sha256: createHash('sha256').update(token).digest('hex') },
    ]);
    expect(stdout).not.toContain(token);
  });

  test('prints nothing to put into a secret when the list is not usable', () => {
    const { status, stdout, stderr } = run('token', ['--client', 'ci', '--list', '-'], 'An error occurred');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('the token list is not JSON');
  });

  test('changes the list in AWS in place, beside what somebody else puts there meanwhile', async () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens-AbCdEf';
    const store = await startSecretsManager({ [arn]: '{"tokens":[]}' });
    const other = {
      sha256: 'a'.repeat(64),
      clientId: 'other',
      scopes: [],
      expiresAt: '2999-01-01T00:00:00Z',
    };
    store.onCall = async ({ operation }, when) => {
      if (operation !== 'PutSecretValue' || when === 'after') return undefined;
      if (store.secrets.get(arn) === '{"tokens":[]}')
        store.secrets.set(arn, JSON.stringify({ tokens: [other] }));
      return undefined;
    };
    const cli = token(store.url, ['--client', 'ci', '--secret', arn]);
    const exit = await cli.exited();
    expect({ exit, stdout: cli.stdout() }).toEqual({ exit: 0, stdout: '' });
    const made = /^Token of ci, shown only now:\n(\S+)$/m.exec(cli.stderr())?.[1] ?? '';
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toMatchObject([
      other,
      { clientId: 'ci', sha256: createHash('sha256').update(made).digest('hex') },
    ]);
    expect(store.lastAuthorization()).toContain('/eu-west-1/secretsmanager/');

    const removal = token(store.url, ['--client', 'ci', '--secret', arn, '--remove']);
    expect(await removal.exited()).toBe(0);
    await store.close();
    expect(JSON.parse(store.secrets.get(arn) ?? '').tokens).toEqual([other]);
  });
});

describe('npm run call', () => {
  test('takes the token from standard input, so that no process list shows it', () => {
    // Nothing listens on port 1: the token was read, and the call got as far as connecting.
    const { status, stderr } = run(
      'call',
      ['--token', '-', '--url', 'http://127.0.0.1:1/mcp'],
      'secret-token\n',
    );
    expect(status).toBe(1);
    expect(stderr).not.toContain('--token is required');
    expect(stderr).not.toContain('secret-token');
  });

  test('says how it is used when an argument is none', () => {
    const { status, stderr } = run('call', ['--token', 'x', 'scrape_url', 'url']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/an argument must be name=text or name:=JSON, got "url"\nusage: /);
  });
});
