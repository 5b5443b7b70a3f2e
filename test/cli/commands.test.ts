import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../..', import.meta.url).pathname;

function run(script: string, words: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', `cli/${script}.ts`, ...words],
    { cwd: root, encoding: 'utf8', input },
  );
  return { status, stdout, stderr };
}

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
    expect(status).toBe(64);
    expect(stderr).toMatch(/an argument must be name=text or name:=JSON, got "url"\nusage: /);
  });
});
