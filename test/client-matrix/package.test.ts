import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CLIENTS } from '../clients/clients.ts';
import { configurationOf, serverOf } from '../clients/configurations.ts';
import { HERE, ROOT } from '../clients/environment.ts';
import { select } from '../clients/selection.ts';

const read = (path: string) => readFileSync(join(HERE, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));

describe('the package of the clients', () => {
  test('pins every version exactly', () => {
    const versions: string[] = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(
      versions.filter((version) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-linux-x64)?$/.test(version)),
    ).toEqual([]);
    const python = read('python/requirements.txt').trim().split('\n');
    expect(python.filter((line) => !/^[\w.-]+==[\w.]+$/.test(line))).toEqual([]);
  });

  test('has a lockfile with a hash for every package and no registry address', () => {
    const packages = Object.entries(
      lock.packages as Record<string, { integrity?: string; resolved?: string; inBundle?: boolean }>,
    );
    const bare = packages.filter(
      ([path, { integrity, resolved, inBundle }]) => path !== '' && !inBundle && (!integrity || resolved),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  test('runs no install scripts', () => {
    expect(read('.npmrc')).toContain('ignore-scripts=true');
  });

  test('has a version of every client of the matrix', () => {
    const all = select({ ci: false, only: '' });
    expect(all).toHaveLength(CLIENTS.length);
    expect(all.filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test.each([
    ['Claude Code', 'json'],
    ['Codex', 'toml'],
    ['Gemini CLI', 'json'],
    ['opencode', 'json'],
    ['mcp-remote', 'json'],
    ['stdio', 'json'],
  ])('finds one configuration of %s in docs/clients.md', (client, language) => {
    const configuration = configurationOf(client, { 'mcp.example.com': 'other.example.com' }, language);
    expect(configuration).not.toContain('mcp.example.com');
  });

  test('has a heading or a row in docs/clients.md for every client of the matrix', () => {
    const [how = ''] = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8').split('<!-- matrix -->');
    const names = CLIENTS.map(({ name }) => name.replace(/ (?:in Chromium|configuration)$/, ''));
    const absent = names.filter((name) => !new RegExp(`^(?:### .*\\b|\\| )${name}\\b`, 'm').test(how));
    expect(absent).toEqual([]);
  });

  test('has the version of mcp-remote that docs/clients.md names', () => {
    expect(serverOf('mcp-remote', {}).args).toContain(`mcp-remote@${manifest.dependencies['mcp-remote']}`);
  });
});

describe('CI', () => {
  test('runs the clients that need no other program, except the large ones', () => {
    const names = select({ ci: true, only: '' }).map(({ client }) => client.name);
    expect(names).toEqual(expect.arrayContaining(['mcp-remote', 'TypeScript SDK v2', 'OpenAI Agents']));
    expect(names.filter((name) => /Claude|Codex|Gemini|opencode|Python|Chromium/.test(name))).toEqual([]);
  });
});
