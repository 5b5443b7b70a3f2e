import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VERSION } from '../service/version.ts';

const root = new URL('..', import.meta.url).pathname;

const REFUSED = [
  ['service/x.ts', 'aws-cdk-lib', 'the service importing the CDK'],
  ['service/pipeline/x.ts', 'aws-cdk-lib/aws-ec2', 'a stage importing the CDK'],
  ['service/tools/x.ts', 'constructs', 'a tool importing constructs'],
  ['service/x.ts', '../infra/config.ts', 'the service importing the stack'],
  ['service/tools/x.ts', 'express', 'a tool importing express'],
  ['service/tools/x.ts', '../pipeline/context.ts', 'a tool importing the pipeline'],
  ['service/scrape/x.ts', '../pipeline/context.ts', 'an engine importing the pipeline'],
  ['service/outgoing/x.ts', '../pipeline/context.ts', 'an exchange importing the pipeline'],
  ['service/pipeline/x.ts', './authenticate.ts', 'a stage importing another stage'],
  ['service/pipeline/x.ts', '../scrape/direct.ts', 'a stage importing an engine'],
  ['service/pipeline/x.ts', '../main.ts', 'a stage importing the process'],
  ['infra/constructs/x.ts', '../config.ts', 'a construct reading the configuration'],
  ['infra/constructs/x.ts', './network.ts', 'a construct importing a sibling'],
  ['infra/constructs/x.ts', '../../service/app.ts', 'the stack importing the service'],
  ['infra/x.ts', 'express', 'the stack importing express'],
  ['infra/x.ts', 'zod', 'the stack importing zod'],
  ['infra/lib/x.ts', '../../rotation/steps.ts', 'the stack importing the rotation'],
  ['service/x.ts', '../rotation/steps.ts', 'the service importing the rotation'],
  ['service/auth/x.ts', '../../rotation/steps.ts', 'the verifier importing the rotation'],
  ['rotation/x.ts', '../infra/config.ts', 'the rotation importing the stack'],
  ['rotation/x.ts', 'aws-cdk-lib/aws-lambda', 'the rotation importing the CDK'],
  ['rotation/x.ts', '../service/pipeline/context.ts', 'the rotation importing the pipeline'],
  ['rotation/x.ts', 'express', 'the rotation importing express'],
  ['rotation/x.ts', '../audit-check/records.ts', 'the rotation importing the audit check'],
  ['infra/lib/x.ts', '../../audit-check/records.ts', 'the stack importing the audit check'],
  ['service/x.ts', '../audit-check/records.ts', 'the service importing the audit check'],
  ['service/logging/x.ts', '../../audit-check/records.ts', 'the log importing the audit check'],
  ['audit-check/x.ts', '../infra/config.ts', 'the audit check importing the stack'],
  ['audit-check/x.ts', 'aws-cdk-lib/aws-lambda', 'the audit check importing the CDK'],
  ['audit-check/x.ts', '../service/secrets/sources.ts', 'the audit check importing secret references'],
  ['audit-check/x.ts', '../rotation/secret-store.ts', 'the audit check importing the rotation'],
  ['audit-check/x.ts', 'express', 'the audit check importing express'],
  ['doctor/x.ts', '../service/errors.ts', 'the doctor importing the server it examines'],
  ['doctor/x.ts', '../service/logging/logger.ts', 'the doctor importing more of our logs than the redaction'],
  [
    'doctor/checks/x.ts',
    '@modelcontextprotocol/client',
    'the doctor importing a client that mends what it gets',
  ],
  ['cost/x.ts', '../service/app.ts', 'the cost importing the service'],
  ['cost/x.ts', 'express', 'the cost importing express'],
  ['cost/resources/x.ts', '../../infra/stack.ts', 'what is counted importing the stack'],
  ['cost/resources/x.ts', 'aws-cdk-lib/aws-ec2', 'what is counted importing the CDK'],
  ['infra/lib/x.ts', '../../cost/estimate.ts', 'the stack importing its cost'],
  ['infra/constructs/x.ts', '../../cost/prices.ts', 'a construct importing its cost'],
  ['service/x.ts', '../cost/prices.ts', 'the service importing the cost'],
  ['service/tools/x.ts', '../../cost/prices.ts', 'a tool importing the cost'],
  ['service/auth/x.ts', '../../cost/prices.ts', 'the verifier importing the cost'],
  ['service/pipeline/x.ts', '../../cost/prices.ts', 'a stage importing the cost'],
  ['rotation/x.ts', '../cost/prices.ts', 'the rotation importing the cost'],
  ['audit-check/x.ts', '../cost/prices.ts', 'the audit check importing the cost'],
] as const;

const ACCEPTED = [
  ['service/pipeline/x.ts', './context.ts', 'a stage importing the request context'],
  ['service/tools/x.ts', '../scrape/engine.ts', 'a tool importing its engine'],
  ['service/x.ts', './pipeline/audit.ts', 'app.ts importing a stage'],
  ['infra/lib/x.ts', '../../service/environment.ts', 'the stack importing the environment contract'],
  ['infra/lib/x.ts', '../../rotation/environment.ts', 'the stack importing the rotation’s contract'],
  ['infra/x.ts', './constructs/network.ts', 'stack.ts importing a construct'],
  ['rotation/x.ts', '../service/auth/token-document.ts', 'the rotation importing the token list'],
  ['infra/lib/x.ts', '../../audit-check/environment.ts', 'the stack importing the audit check’s contract'],
  ['audit-check/x.ts', '../service/logging/audit-chain.ts', 'the audit check importing the chain'],
  ['doctor/x.ts', '../service/logging/redact-text.ts', 'the doctor redacting by the rules of our own logs'],
  ['cost/x.ts', '../infra/stack.ts', 'the cost importing the stack'],
  [
    'cost/resources/x.ts',
    '../../infra/rules/synthesized-template.ts',
    'what is counted importing a template',
  ],
] as const;

describe('the linter', () => {
  let folder: string;
  /** Rules broken, by file. */
  const broken = new Map<string, string[]>();
  const fileOf = (path: string, index: number | string) => path.replace('x.ts', `x${index}.ts`);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-lint-'));
    const put = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const file of ['biome.json', 'package.json']) cpSync(join(root, file), join(folder, file));
    for (const [index, [path, specifier]] of [...REFUSED, ...ACCEPTED].entries()) {
      put(fileOf(path, index), `import type * as it from '${specifier}';\n\nexport type X = it.Y;\n`);
    }
    for (const path of [
      'service/x.ts',
      'infra/x.ts',
      'rotation/x.ts',
      'audit-check/x.ts',
      'service/main.ts',
      'functions/rotation/main.ts',
      'functions/audit-check/main.ts',
    ]) {
      put(fileOf(path, 'env'), 'export const y = process.env.HOME;\n');
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const run = spawnSync(biome, ['lint', '--reporter=json', '--max-diagnostics=none'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const report = JSON.parse(run.stdout) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    for (const { category, location } of report.diagnostics) {
      const rules = broken.get(location.path) ?? [];
      broken.set(location.path, [...rules, category.split('/').at(-1) ?? '']);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(REFUSED.map((row, index) => [...row, index] as const))(
    'refuses in %s an import of %s: %s',
    (path, _specifier, _what, index) => {
      expect(broken.get(fileOf(path, index))).toEqual(['noRestrictedImports']);
    },
  );

  test.each(ACCEPTED.map((row, index) => [...row, REFUSED.length + index] as const))(
    'accepts in %s an import of %s: %s',
    (path, _specifier, _what, index) => {
      expect(broken.get(fileOf(path, index))).toBeUndefined();
    },
  );

  test('refuses the environment read anywhere but where a process starts', () => {
    expect(broken.get('service/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('infra/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('rotation/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('audit-check/xenv.ts')).toEqual(['noProcessEnv']);
    for (const main of ['service/main.ts', 'functions/rotation/main.ts', 'functions/audit-check/main.ts'])
      expect(broken.get(main)).toBeUndefined();
  });
});

test('no source file has more than 200 lines', () => {
  const files = ['infra', 'service', 'rotation', 'audit-check', 'doctor', 'cost', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(20);
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 201);
  expect(long).toEqual([]);
});

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

  test('pins every dependency exactly and carries the version the server tells', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies }) as string[];
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-alpha\.\d+)?$/.test(version))).toEqual([]);
    expect(manifest.version).toBe(VERSION);
    expect(manifest.devDependencies['aws-cdk']).toBe('2.1148.1');
  });

  // Not npm's engine-strict: it would stop at the engines of what only the tests use.
  test('stops npm on a Node.js that the service does not run on', () => {
    const { version } = manifest.devEngines.runtime;
    expect(manifest.devEngines.runtime).toEqual({ name: 'node', version, onFail: 'error' });
    expect(version).toBe(manifest.engines.node);
  });

  test('keeps the CDK and every tool out of what runs', () => {
    expect(
      Object.keys(manifest.dependencies).filter((name) =>
        /cdk|constructs|jest|biome|swc|esbuild|tsx/.test(name),
      ),
    ).toEqual([]);
  });

  test('runs nothing that the advisories of the MCP ecosystem were about', () => {
    const runtime = Object.entries(lock.packages as Record<string, { dev?: boolean }>)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(runtime).toContain('@modelcontextprotocol/server');
    const others =
      /^(@modelcontextprotocol\/(?!server$|core$)|@hono\/|hono$|express-rate-limit$|mcp-remote$)/;
    expect(runtime.filter((name) => others.test(name))).toEqual([]);
  });

  test('has a lockfile with a hash for every package and no registry’s address', () => {
    const packages = Object.entries(
      lock.packages as Record<string, { integrity?: string; resolved?: string; inBundle?: boolean }>,
    );
    const bare = packages.filter(
      ([path, { integrity, resolved, inBundle }]) => path !== '' && !inBundle && (!integrity || resolved),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  test('depends at run time on permissive licences only', () => {
    const allowed = new Set([
      'MIT',
      'ISC',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      '0BSD',
      'BlueOak-1.0.0',
      'MIT-0',
    ]);
    const runtime = Object.entries(lock.packages as Record<string, { dev?: boolean; license?: string }>);
    const other = runtime.filter(
      ([path, { dev, license }]) => path !== '' && !dev && !allowed.has(license ?? ''),
    );
    expect(other.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});
