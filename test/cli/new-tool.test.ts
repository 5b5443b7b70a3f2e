import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fillExample, KINDS, listTool, nameTool, serveTool, stageEntry } from '../../cli/tool-template.ts';
import type { Ended } from './command-lines.ts';
import { runCommandLines } from './run-command-lines.ts';

const root = new URL('../..', import.meta.url).pathname;
const LEFT_OUT = ['node_modules', '.git', 'cdk.out', 'dist', 'coverage'];

describe('the name of a tool', () => {
  test.each([
    ['word_count', 'word-count', 'wordCountTool'],
    ['weather-current', 'weather-current', 'weatherCurrentTool'],
    ['getHTML', 'gethtml', 'getHTMLTool'],
    ['2fa', '2fa', '_2faTool'],
    ['delete', 'delete', 'deleteTool'],
    ['_x-', 'x', 'xTool'],
  ])('%s gives a file and a constant', (name, file, definition) => {
    expect(nameTool(name)).toEqual({ name, file, definition });
  });

  test.each(['', 'two words', '../main', 'a/b', 'größe', "x'", 'x'.repeat(65), 'a.b', '..', '-_'])(
    '%j is refused',
    (name) => {
      expect(() => nameTool(name)).toThrow('the name must');
    },
  );
});

const text = (path: string) => readFileSync(join(root, path), 'utf8');

test.each(['plain', 'http', 'aws'] as const)(
  'of kind %s, nothing of the example stays in a tool with the longest name',
  (kind) => {
    const long = nameTool('x'.repeat(64));
    const filled = fillExample(text(`service/tools/${KINDS[kind].file}.ts`), kind, long);
    expect(filled).toContain(`name: '${long.name}'`);
    expect(filled).toContain(`scopes: ['${long.name}']`);
    expect(filled).not.toMatch(/example(?!\.)/i);
  },
);

test('a list with an unexpected format is left unchanged', () => {
  expect(() => listTool('export const all = [];\n', nameTool('x'))).toThrow('add xTool manually');
});

describe('the entry in the stages', () => {
  const entry = (kind: 'plain' | 'http' | 'aws', name = 'stock-level') =>
    stageEntry(text(`service/tools/${KINDS[kind].file}.ts`), kind, nameTool(name));

  test('has the values of the example', () => {
    expect(entry('plain')).toBe("'stock-level': {}");
    expect(entry('http', 'stock')).toBe(
      "stock: { settings: { apiHost: 'stock.corp.example.com' }, secrets: { apiKey: 'create' } }",
    );
    expect(entry('aws')).toMatch(/^'stock-level': \{ settings: \{ tableArn: 'arn:aws:dynamodb:/);
  });

  test('is added to the list of infra/config.ts, marked where a value is an example', () => {
    const before = 'const tools: X = {\n  one: {},\n};\n\nconst dev = {\n  tools,\n};\n';
    expect(serveTool(before, 'two: {}')).toBe(before.replace('one: {},\n', 'one: {},\n  two: {},\n'));
    expect(serveTool(before, "two: { host: 'a.example.com' }")).toContain(
      "  two: { host: 'a.example.com' }, // replace me\n};\n",
    );
  });

  test('is left to the author where the stages have another form', () => {
    expect(serveTool('const dev = { tools: { one: {} } };\n', 'two: {}')).toBeUndefined();
  });
});

/** The two files that the command adds to, without a tool: those of a fork have its own tools and stages. */
const OWNED = {
  'service/tools/index.ts': `import type { ToolDefinition } from './definition.ts';

/** Every tool of this server. Tools that are not listed here cannot be served. */
export const tools: readonly ToolDefinition[] = [];
`,
  'infra/config.ts': `import type { StageConfig } from './stage-config.ts';

const tools: StageConfig['tools'] = {
};

const prod: StageConfig = {
  region: 'us-east-1',
  domain: {
    domainName: 'mcp.example.org',
    hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.org' },
  },
  tools,
};

export const stages = { prod };
`,
};

describe('the README’s section on tools, in a copy', () => {
  let copy: string;
  let created: SpawnSyncReturns<string>;
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, section = ''] = /^## Add a tool\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const [, commands = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const [create = '', ...others] = commands.trim().split('\n');
  const run = (command: string) => spawnSync('bash', ['-c', command], { cwd: copy, encoding: 'utf8' });
  const newTools = (...commandLines: readonly (readonly string[])[]) =>
    runCommandLines(
      commandLines.map((args) => ({ path: 'cli/new-tool.ts', args })),
      60_000,
      copy,
    );

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
    for (const [path, content] of Object.entries(OWNED)) writeFileSync(join(copy, path), content);
    created = run(create);
  }, 120_000);
  afterAll(() => rmSync(copy, { recursive: true }));

  test('has at most ten lines of text, and commands', () => {
    expect(section.split('\n').filter(Boolean).length - others.length - 3).toBeLessThanOrEqual(10);
    expect(create).toMatch(/^npm run -s new-tool -- \w+$/);
    expect(others.length).toBeGreaterThan(0);
  });

  test('writes the tool, its test and its entry in the list', () => {
    expect(created).toMatchObject({
      status: 0,
      stderr:
        'Next: in infra/config.ts, grant the scope word_count to clients. Then run npm run tools:lock.\n',
    });
    // Three files besides its test.
    expect(created.stdout.trim().split('\n')).toEqual([
      'service/tools/word-count.ts',
      'test/service/tools/word-count.test.ts',
      'service/tools/index.ts',
      'infra/config.ts',
    ]);
    expect(readFileSync(join(copy, 'infra/config.ts'), 'utf8')).toContain('  word_count: {},\n};');
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

  test('overwrites nothing', async () => {
    const path = join(copy, 'service/tools/word-count.ts');
    const mine = `${readFileSync(path, 'utf8')}\n// mine\n`;
    writeFileSync(path, mine);
    const again = await newTools(['word_count'], ['Word-Count'], ['index']);
    const refused = (name: string) => ({
      ...{ status: 1, stdout: '', stderr: `service/tools/${name}.ts exists already\n` },
    });
    expect(again).toEqual([refused('word-count'), refused('word-count'), refused('index')]);
    expect(readFileSync(path, 'utf8')).toBe(mine);
  }, 60_000);

  describe('with a tool of each other kind', () => {
    /** Tools that the stack serves, and their options that have example values. */
    const accepted = (): unknown => JSON.parse(readFileSync(join(copy, 'accepted.json'), 'utf8'));
    let tested: SpawnSyncReturns<string>;
    let ended: readonly Ended[];
    beforeAll(async () => {
      ended = await newTools(['of_http', '--kind', 'http'], ['of_aws', '--kind', 'aws']);
      const program = [
        "import { writeFileSync } from 'node:fs';",
        "import { test } from '@jest/globals';",
        "import { placeholdersIn } from '../infra/lib/placeholders.ts';",
        "import { parseStageConfig } from '../infra/stage-config.ts';",
        "import { stages } from '../infra/config.ts';",
        "import { tools } from '../service/tools/index.ts';",
        "test('accepted', () => {",
        '  const { served } = parseStageConfig(stages.prod, tools);',
        "  const marked = placeholdersIn(stages.prod).filter(({ option }) => option.startsWith('tools'));",
        '  const found = [served.map(({ name }) => name), marked.map(({ option }) => option)];',
        "  writeFileSync('accepted.json', JSON.stringify(found));",
        '});',
      ].join('\n');
      writeFileSync(join(copy, 'test/accepted.test.ts'), program);
      const suites = ['of-http', 'of-aws', 'tools', 'schema-lint'].map((name) => `service/tools/${name}`);
      const paths = ['accepted', ...suites].map((name) => `test/${name}.test.ts`);
      // One process for all: each would load Jest.
      tested = run(`npm run -s jest -- --runInBand --runTestsByPath ${paths.join(' ')}`);
    }, 120_000);

    test('is green, and passes the tests of the list', () => {
      expect(ended).toMatchObject([{ status: 0 }, { status: 0 }]);
      expect(tested).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/^Test Suites: 5 passed, 5 total$/m),
      });
    });

    test('has stages that the stack accepts, whose example values are to be replaced', () => {
      expect(accepted()).toEqual([
        ['word_count', 'of_http', 'of_aws'],
        ['tools.of_http.settings.apiHost', 'tools.of_aws.settings.tableArn'],
      ]);
    });

    test('compiles and lints', () => {
      // This repository checks the other files, and one more tool changes no type that they use.
      const kinds = ['of-http', 'of-aws'].flatMap((name) => [
        `service/tools/${name}.ts`,
        `test/service/tools/${name}.test.ts`,
      ]);
      const written = [...created.stdout.trim().split('\n'), ...kinds];
      const project = { extends: './tsconfig.json', include: ['service', ...written] };
      writeFileSync(join(copy, 'tsconfig.written.json'), JSON.stringify(project));
      for (const command of [
        'node_modules/.bin/tsc --noEmit --project tsconfig.written.json',
        `node_modules/.bin/biome check --error-on-warnings ${written.join(' ')}`,
      ])
        expect(run(command)).toMatchObject({ status: 0 });
    }, 120_000);
  });
});
