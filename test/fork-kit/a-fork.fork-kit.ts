import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { relatedSuites } from '../../scripts/related-suites.ts';
import { pinned } from '../service/upstream/wall.ts';
import { SCRAPER } from '../support/deleted.ts';
import { EXTENSIONS } from './extensions.ts';
import { Fork } from './fork.ts';
import { deleteScraper } from './scraper.ts';

const MINUTES = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'mcp-fork-kit-'));
const fork = new Fork(folder);
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether the fork compiles, is well-formed and passes its own suite. */
function expectGreen(): void {
  expect(fork.failureOf('npm', 'run', '-s', 'typecheck')).toBe('');
  expect(fork.failureOf('npm', 'run', '-s', 'lint')).toBe('');
  expect(fork.failureOf('npm', 'run', '-s', 'test:fork')).toBe('');
}

/** Commits a step. @returns the files that it touched, without tests */
function step(name: string): string[] {
  const touched = fork.touched();
  expect(
    fork.failureOf('npx', 'biome', 'format', '--write', ...touched.filter((path) => fork.has(path))),
  ).toBe('');
  process.stderr.write(`${name}: ${touched.length} files\n${touched.map((path) => `  ${path}\n`).join('')}`);
  fork.commit(name);
  return touched.filter((path) => !/^(doctor\/)?test\//.test(path));
}

const CONFIG = 'infra/config.ts';
const EXTENSIONS_FILE = 'infra/extensions.ts';
const LOCKED = 'service/tools/definitions.lock.json';
/** Imports between a suite and a file that a fork owns, up to which the suite is run here. */
const NEAR = 2;
/** Suites about every layer that once needed the scraper, the stages or the extensions of the kit. */
const FURTHER = [
  'test/architecture.test.ts',
  'test/cli/new-tool.test.ts',
  'test/contract/sbom.test.ts',
  'test/e2e/stdio.test.ts',
  'test/faults/client.test.ts',
  'test/infra/extensions.test.ts',
  'test/infra/tools.test.ts',
  'test/service/errors.test.ts',
];

/**
 * The suites of the kit that read files of the fork, and those above. All other suites read none of them: in a finished fork
 * `npm test` runs them all.
 */
function suitesOfTheKit(): string[] {
  const owned = [CONFIG, EXTENSIONS_FILE, 'service/tools/index.ts', LOCKED];
  const near = relatedSuites(fork.folder, owned).filter(({ distance }) => distance <= NEAR);
  return [...new Set([...near.map(({ path }) => path), ...FURTHER])];
}

describe('a fork', () => {
  test(
    'deletes the scraper: its files, and their entries in the list and in the stages',
    () => {
      deleteScraper(fork);
      fork.replace(CONFIG, "scopes: ['scrape']", "scopes: ['stock_level']");
      const edited = fork.touched().filter((path) => !SCRAPER.some((deleted) => path.startsWith(deleted)));
      expect(edited).toEqual([CONFIG, 'service/tools/index.ts']);
      // Not formatted: the empty list keeps the lines that new-tool adds to.
      fork.commit('Delete the scraper');
    },
    5 * MINUTES,
  );

  test.each([
    ['stock_level', 'http'],
    ['order_list', 'aws'],
  ])(
    'adds the tool %s of kind %s: at most three files and a test, no file for a secret',
    (name, kind) => {
      expect(fork.failureOf('npm', 'run', '-s', 'new-tool', '--', name, '--kind', kind)).toBe('');
      expect(step(`Add ${name}`).length).toBeLessThanOrEqual(3);
    },
    5 * MINUTES,
  );

  test('moves the package of a tool into the image: package.json and its lock', () => {
    const line = / {4}"@aws-sdk\/client-dynamodb": "[^"]+",\n/;
    const [entry = ''] = line.exec(fork.read('package.json')) ?? [];
    fork.replace('package.json', line, '');
    fork.replace('package.json', '"dependencies": {\n', `"dependencies": {\n${entry}`);
    // The command that new-tool prints, for a machine without a registry.
    expect(
      fork.failureOf('npm', 'install', '--package-lock-only', '--offline', '--ignore-scripts', '--silent'),
    ).toBe('');
    expect(step('Move the package')).toEqual(['package-lock.json', 'package.json']);
  });

  test('locks the definitions of its tools: one file', () => {
    expect(fork.failureOf('npm', 'run', '-s', 'tools:lock')).toBe('');
    expect(step('Lock the tools')).toEqual([LOCKED]);
  });

  test('is green with its own tools', expectGreen, 20 * MINUTES);

  test('adds a stage: one file', () => {
    fork.replace(
      CONFIG,
      'export const stages = { dev, prod };',
      "const staging: StageConfig = { ...dev, name: 'Staging' };\n\nexport const stages = { dev, prod, staging };",
    );
    expect(step('Add a stage')).toEqual([CONFIG]);
  });

  test('adds a queue, a table and a bucket: one file', () => {
    fork.write(EXTENSIONS_FILE, EXTENSIONS);
    expect(step('Add a queue, a table and a bucket')).toEqual([EXTENSIONS_FILE]);
  });

  test('puts its server behind the service: two files', () => {
    const lock = { tools: [pinned(undefined, { scopes: ['stock_level'] })] };
    fork.write('tools.lock.json', `${JSON.stringify(lock, null, 2)}\n`);
    fork.replace(
      CONFIG,
      'task: { cpu: 512, memoryMiB: 1024 },',
      `task: {
    cpu: 1024,
    memoryMiB: 2048,
    server: { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/server@sha256:${'0123456789abcdef'.repeat(4)}', port: 8000, path: '/mcp' },
  },`,
    );
    fork.replace(
      CONFIG,
      /^ {2}tools,\n( {2}secrets: .*\n {2}\/\/ An account)/m,
      "  // A tool with a secret may not share the task role with the server.\n  tools: { order_list: tools?.['order_list'] ?? {} },\n$1",
    );
    expect(step('Put a server behind the service')).toEqual([CONFIG, 'tools.lock.json']);
  });

  test('makes production internal: one file', () => {
    fork.replace(
      CONFIG,
      "  monitoring: { email: 'oncall@example.com' }",
      "  edge: { scheme: 'internal', allowedCidrs: ['10.20.0.0/16'] },\n  monitoring: { email: 'oncall@example.com' }",
    );
    expect(step('Make production internal')).toEqual([CONFIG]);
  });

  test('is green with all of it', expectGreen, 20 * MINUTES);

  test(
    'passes the suites of the kit that read files which it owns',
    () => {
      const suites = suitesOfTheKit();
      process.stderr.write(`${suites.length} suites of the kit\n`);
      expect(suites.length).toBeGreaterThan(20);
      expect(fork.failureOf('npm', 'run', '-s', 'jest', '--', ...suites)).toBe('');
    },
    30 * MINUTES,
  );
});

/** The commands of docs/upgrading.md that follow a comment. */
function documented(comment: string): string {
  const [, command = ''] =
    new RegExp(`^ *# ${comment}\\n((?: *[^#\\s\`].*\\n)+)`, 'm').exec(fork.read('docs/upgrading.md')) ?? [];
  // The folder of the packages is that of this working tree.
  if (command === '' || command.includes('npm'))
    throw new Error(`docs/upgrading.md has no comment ${comment}`);
  return command;
}

describe('a release of the kit', () => {
  const owned = [CONFIG, EXTENSIONS_FILE, 'service/tools/index.ts', LOCKED, 'tools.lock.json'];
  const neighbours = [
    'README.md',
    'CHANGELOG.md',
    'RUNBOOK.md',
    'infra/stack.ts',
    'infra/app.ts',
    'infra/stack-parts.ts',
  ];
  const ofTools = ['definition', 'config', 'needs', 'example-http'].map((name) => `service/tools/${name}.ts`);

  test('changes the neighbours of everything, its own examples, and the tools that the fork has deleted', () => {
    fork.git('checkout', '--quiet', 'upstream');
    for (const path of [
      ...neighbours,
      ...ofTools,
      'service/tools/scrape-url.ts',
      'test/service/tools/tools.test.ts',
    ]) {
      const [first, last] = path.endsWith('.md')
        ? ['', 'Of the release.\n']
        : ['// Of the release.\n', '// Of the release.\n'];
      fork.write(path, `${first}${fork.read(path)}${last}`);
    }
    for (const path of ['package.json', 'doctor/package.json'])
      fork.replace(path, /"version": "[^"]+"/, '"version": "0.2.0"');
    fork.replace('service/version.ts', /VERSION = '[^']+'/, "VERSION = '0.2.0'");
    fork.replace('CHANGELOG.md', '## [Unreleased]\n', '## [Unreleased]\n\n## [0.2.0] - Unreleased\n');
    fork.replace(
      CONFIG,
      'For trials: one task, one NAT gateway.',
      'For trials: one task and one NAT gateway.',
    );
    fork.replace(CONFIG, 'task: { cpu: 512, memoryMiB: 1024', 'task: { cpu: 1024, memoryMiB: 2048');
    fork.replace('service/tools/index.ts', 'Every tool of this server.', 'Each tool of this server.');
    fork.replace(LOCKED, 'Scrape a web page', 'Scrape one web page');
    fork.replace(EXTENSIONS_FILE, 'Adds your resources', 'Adds resources of yours');
    fork.write('tools.lock.json', '{ "tools": [] }\n');
    fork.commit('Release 0.2.0');
    fork.git('tag', 'v0.2.0');
    fork.git('checkout', '--quiet', 'main');
  });

  test('merges with the documented commands: no conflict is left, and no file of the fork is touched', () => {
    const before = owned.map((path) => fork.read(path));
    expect(
      fork.failureOf('sh', '-ec', documented('Once: a merge keeps your version of the files that you own')),
    ).toBe('');
    expect(fork.failureOf('sh', '-ec', documented('Files that you have deleted stay deleted'))).toBe('');
    expect(fork.git('status', '--porcelain')).toBe('');
    expect(fork.git('log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2);
    expect(owned.map((path) => fork.read(path))).toEqual(before);
    for (const path of [...neighbours, ...ofTools]) expect(fork.read(path)).toContain('Of the release.');
    expect(fork.git('ls-files', 'service/tools/scrape-url.ts')).toBe('');
    expect(fork.read('package.json')).toContain('"version": "0.2.0"');
  });

  test('leaves the fork green', expectGreen, 20 * MINUTES);
});
