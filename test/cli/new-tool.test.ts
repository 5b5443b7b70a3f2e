import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listTool, nameTool } from '../../cli/tool-template.ts';

const root = new URL('../..', import.meta.url).pathname;
const LEFT_OUT = ['node_modules', '.git', 'cdk.out', 'dist', 'coverage'];

describe('the name of a tool', () => {
  test.each([
    ['word_count', 'word-count', 'wordCountTool'],
    ['weather-current', 'weather-current', 'weatherCurrentTool'],
    ['getHTML', 'gethtml', 'getHTMLTool'],
    ['2fa', '2fa', '_2faTool'],
    ['_x-', 'x', 'xTool'],
  ])('%s gives a file and a constant', (name, file, constant) => {
    expect(nameTool(name)).toMatchObject({ name, file, constant });
  });

  test.each(['', 'two words', '../main', 'a/b', 'größe', "x'", 'x'.repeat(65), 'a.b', '..', '-_'])(
    '%j is refused',
    (name) => {
      expect(() => nameTool(name)).toThrow('the name must');
    },
  );
});

test('the scope of a tool with a long name fits into a token list', () => {
  const example = readFileSync(join(root, 'service/tools/example.ts'), 'utf8');
  const filled = nameTool('x'.repeat(64)).fill(example);
  expect(filled).toContain(`name: '${'x'.repeat(64)}'`);
  expect(filled).toContain(`scopes: ['${'x'.repeat(64)}']`);
});

test('a list with an unexpected format is left unchanged', () => {
  expect(() => listTool('export const tools = [];\n', nameTool('x'))).toThrow('add xTool manually');
});

describe('the README’s section on tools, in a copy', () => {
  let copy: string;
  let created: SpawnSyncReturns<string>;
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, section = ''] = /^## Add a tool\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const [, commands = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const [create = '', ...others] = commands.trim().split('\n');
  const run = (command: string) => spawnSync('bash', ['-c', command], { cwd: copy, encoding: 'utf8' });

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'mcp-new-tool-'));
    cpSync(root, copy, {
      recursive: true,
      filter: (path) =>
        !relative(root, path)
          .split('/')
          .some((part) => LEFT_OUT.includes(part)),
    });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    created = run(create);
  }, 120_000);
  afterAll(() => rmSync(copy, { recursive: true }));

  test('has at most ten lines of text, and commands', () => {
    expect(section.split('\n').filter(Boolean).length - others.length - 3).toBeLessThanOrEqual(10);
    expect(create).toMatch(/^npm run -s new-tool -- \w+$/);
    expect(others.length).toBeGreaterThan(0);
  });

  test('writes the tool, its test and its entry in the list', () => {
    expect(created).toMatchObject({ status: 0, stderr: '' });
    expect(created.stdout.trim().split('\n')).toEqual([
      'service/tools/word-count.ts',
      'test/service/tools/word-count.test.ts',
      'service/tools/index.ts',
    ]);
    const tool = readFileSync(join(copy, 'service/tools/word-count.ts'), 'utf8');
    expect(tool).toContain("name: 'word_count'");
    expect(tool).toContain("scopes: ['word_count']");
    expect(tool).not.toMatch(/example/i);
  });

  test.each(others)(
    '%s succeeds',
    (command) => {
      expect(run(command)).toMatchObject({ status: 0 });
    },
    120_000,
  );

  test('leaves a tree that compiles, lints and passes the tests of the list', () => {
    // This repository checks the other files, and one more tool changes no type that they use.
    const written = created.stdout.trim().split('\n');
    const project = { extends: './tsconfig.json', include: ['service', ...written] };
    writeFileSync(join(copy, 'tsconfig.written.json'), JSON.stringify(project));
    for (const command of [
      'node_modules/.bin/tsc --noEmit --project tsconfig.written.json',
      `node_modules/.bin/biome check --error-on-warnings ${written.join(' ')}`,
      'npm run -s jest -- test/service/tools/tools.test.ts test/service/tools/schema-lint.test.ts',
    ])
      expect(run(command)).toMatchObject({ status: 0 });
  }, 120_000);

  test('overwrites nothing', () => {
    const path = join(copy, 'service/tools/word-count.ts');
    writeFileSync(path, '// mine\n');
    for (const name of ['word_count', 'Word-Count']) {
      const again = run(`npm run -s new-tool -- ${name}`);
      expect(again).toMatchObject({ status: 1, stderr: 'service/tools/word-count.ts exists already\n' });
    }
    expect(readFileSync(path, 'utf8')).toBe('// mine\n');
    expect(run('npm run -s new-tool -- index').stderr).toContain('exists already');
  }, 120_000);
});
