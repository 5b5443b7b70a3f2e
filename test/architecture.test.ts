import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VERSION } from '../service/version.ts';

const root = new URL('..', import.meta.url).pathname;

const REFUSED = [
  ['service/x.ts', 'aws-cdk-lib', 'the service importing the CDK'],
  ['service/http/x.ts', 'aws-cdk-lib/aws-ec2', 'a stage importing the CDK'],
  ['service/tools/x.ts', 'constructs', 'a tool importing constructs'],
  ['service/x.ts', '../infra/config.ts', 'the service importing the stack'],
  ['service/tools/x.ts', 'express', 'a tool importing express'],
  ['service/tools/x.ts', '../http/context.ts', 'a tool importing the pipeline'],
  ['service/resources/x.ts', '../mcp/read-resource.ts', 'a resource importing the protocol'],
  ['service/prompts/x.ts', '../http/context.ts', 'a prompt importing the pipeline'],
  ['service/mcp/x.ts', '../resources/index.ts', 'the protocol importing the list of resources'],
  ['service/scrape/x.ts', '../http/context.ts', 'an engine importing the pipeline'],
  ['service/outgoing/x.ts', '../http/context.ts', 'an exchange importing the pipeline'],
  ['service/http/x.ts', './authenticate.ts', 'a stage importing another stage'],
  ['service/http/x.ts', '../scrape/direct.ts', 'a stage importing an engine'],
  ['service/x.ts', './scrape/create-engine.ts', 'the service importing the scraper, which a fork may delete'],
  ['service/upstream/x.ts', '../scrape/page/page.ts', 'the wall importing the scraper'],
  ['service/outgoing/x.ts', '../scrape/engine.ts', 'an exchange importing the scraper'],
  ['service/http/x.ts', '../main.ts', 'a stage importing the process'],
  ['infra/constructs/x.ts', '../config.ts', 'a construct reading the configuration'],
  ['infra/constructs/x.ts', './domain.ts', 'a construct importing a sibling'],
  ['infra/constructs/x.ts', './network/network.ts', 'a construct importing a sibling with a folder'],
  ['infra/constructs/edge/x.ts', '../network/network.ts', 'a helper importing another construct'],
  ['infra/constructs/edge/x.ts', '../domain.ts', 'a helper importing a construct'],
  ['infra/rules/x.ts', '../constructs/edge/edge.ts', 'a rule importing a construct'],
  ['service/http/x.ts', '../mcp/call-tool.ts', 'a stage importing the protocol'],
  ['service/mcp/x.ts', '../http/authenticate.ts', 'the protocol importing a stage'],
  ['infra/constructs/x.ts', '../../service/app.ts', 'the stack importing the service'],
  ['infra/x.ts', 'express', 'the stack importing express'],
  ['infra/x.ts', '../service/tools/scrape-url.ts', 'the stack importing a tool beside the list'],
  ['infra/x.ts', '../service/resources/example.ts', 'the stack importing a resource beside the list'],
  ['infra/constructs/x.ts', '../../service/tools/index.ts', 'a construct importing the tools'],
  ['infra/rules/x.ts', '../../service/tools/index.ts', 'a rule importing the tools'],
  ['infra/x.ts', '@modelcontextprotocol/server', 'the stack importing the protocol'],
  ['infra/lib/x.ts', '../../functions/rotation/steps.ts', 'the stack importing the rotation'],
  ['service/x.ts', '../functions/rotation/steps.ts', 'the service importing the rotation'],
  ['service/auth/x.ts', '../../functions/rotation/steps.ts', 'the verifier importing the rotation'],
  ['functions/rotation/x.ts', '../../infra/config.ts', 'the rotation importing the stack'],
  ['functions/rotation/x.ts', 'aws-cdk-lib/aws-lambda', 'the rotation importing the CDK'],
  ['functions/rotation/x.ts', '../../service/http/context.ts', 'the rotation importing the pipeline'],
  ['functions/rotation/x.ts', 'express', 'the rotation importing express'],
  ['functions/rotation/x.ts', '../audit-check/records.ts', 'the rotation importing the audit check'],
  ['infra/lib/x.ts', '../../functions/audit-check/records.ts', 'the stack importing the audit check'],
  ['service/x.ts', '../functions/audit-check/records.ts', 'the service importing the audit check'],
  ['service/logging/x.ts', '../../functions/audit-check/records.ts', 'the log importing the audit check'],
  ['functions/audit-check/x.ts', '../../infra/config.ts', 'the audit check importing the stack'],
  ['functions/audit-check/x.ts', 'aws-cdk-lib/aws-lambda', 'the audit check importing the CDK'],
  [
    'functions/audit-check/x.ts',
    '../../service/secrets/sources.ts',
    'the audit check importing secret references',
  ],
  ['functions/audit-check/x.ts', '../rotation/secret-store.ts', 'the audit check importing the rotation'],
  ['functions/audit-check/x.ts', 'express', 'the audit check importing express'],
  ['doctor/src/x.ts', '../../service/errors.ts', 'the doctor importing the server it examines'],
  ['doctor/src/x.ts', '../../service/logging/logger.ts', 'the doctor importing more than the redaction'],
  [
    'doctor/src/checks/x.ts',
    '../../../service/logging/redact-text.ts',
    'a check importing the redaction, which only clean-text.ts uses',
  ],
  ['doctor/src/x.ts', '../../cli/arguments.ts', 'the doctor importing a command'],
  ['doctor/src/checks/x.ts', '../../test/support/tamper.ts', 'a check importing the tests'],
  [
    'doctor/src/checks/origin/x.ts',
    '../../../test/support/scenarios.ts',
    'a check importing the servers of its tests',
  ],
  ['doctor/src/checks/origin/x.ts', '../../../../service/errors.ts', 'a check importing the service'],
  [
    'doctor/src/checks/origin/refused.servers.ts',
    '../../../../test/service/support/tokens.ts',
    'the servers of a check importing the tests of the service',
  ],
  [
    'doctor/src/checks/x.ts',
    '@modelcontextprotocol/client',
    'the doctor importing a client that repairs what it receives',
  ],
  ['doctor/src/x.ts', 'zod', 'the doctor importing a package'],
  ['cli/cost/x.ts', '../../service/app.ts', 'the cost importing the service'],
  ['cli/cost/x.ts', 'express', 'the cost importing express'],
  ['cli/cost/resources/x.ts', '../../../infra/stack.ts', 'a price count importing the stack'],
  ['cli/cost/resources/x.ts', 'aws-cdk-lib/aws-ec2', 'a price count importing the CDK'],
  ['cli/preflight/x.ts', '@aws-sdk/client-iam', 'a check calling AWS beside the list of calls'],
  ['cli/preflight/x.ts', '../../service/app.ts', 'the preflight importing the service'],
  ['infra/lib/x.ts', '../../cli/cost/estimate.ts', 'the stack importing its cost'],
  ['infra/constructs/x.ts', '../../cli/cost/prices.ts', 'a construct importing its cost'],
  ['service/x.ts', '../cli/cost/prices.ts', 'the service importing the cost'],
  ['service/tools/x.ts', '../../cli/cost/prices.ts', 'a tool importing the cost'],
  ['service/auth/x.ts', '../../cli/cost/prices.ts', 'the verifier importing the cost'],
  ['service/http/x.ts', '../../cli/cost/prices.ts', 'a stage importing the cost'],
  ['functions/rotation/x.ts', '../../cli/cost/prices.ts', 'the rotation importing the cost'],
  ['functions/audit-check/x.ts', '../../cli/cost/prices.ts', 'the audit check importing the cost'],
] as const;

const ACCEPTED = [
  ['service/http/x.ts', './context.ts', 'a stage importing the request context'],
  ['service/tools/x.ts', '../scrape/engine.ts', 'a tool importing its engine'],
  ['service/x.ts', './http/audit.ts', 'app.ts importing a stage'],
  ['infra/lib/x.ts', '../../service/environment.ts', 'the stack importing the environment contract'],
  ['infra/lib/x.ts', '../../service/tools/index.ts', 'the stack importing the list of tools'],
  ['infra/x.ts', '../service/resources/index.ts', 'the stack importing the list of resources'],
  ['infra/x.ts', '../service/prompts/index.ts', 'the stack importing the list of prompts'],
  ['infra/lib/x.ts', '../../service/tools/config.ts', 'the stack importing the check of their values'],
  [
    'infra/lib/x.ts',
    '../../functions/rotation/environment.ts',
    'the stack importing the rotation’s contract',
  ],
  ['infra/x.ts', './constructs/network/network.ts', 'stack.ts importing a construct'],
  ['infra/x.ts', '../service/tools/index.ts', 'the stack importing what the tools state'],
  ['infra/x.ts', '../service/tools/config.ts', 'the stack importing the check of their values'],
  ['infra/constructs/edge/x.ts', './mutual-tls.ts', 'a construct importing its helper'],
  [
    'infra/constructs/client-tokens/x.ts',
    '../function/bundled-function.ts',
    'a construct importing the shared function',
  ],
  ['infra/constructs/edge/x.ts', '../../lib/validation.ts', 'a construct importing the shared library'],
  ['service/mcp/x.ts', '../http/context.ts', 'the protocol importing the request context'],
  [
    'functions/rotation/x.ts',
    '../../service/auth/token-document.ts',
    'the rotation importing the token list',
  ],
  [
    'infra/lib/x.ts',
    '../../functions/audit-check/environment.ts',
    'the stack importing the audit check’s contract',
  ],
  [
    'functions/audit-check/x.ts',
    '../../service/logging/audit-chain.ts',
    'the audit check importing the chain',
  ],
  [
    'doctor/src/x.ts',
    '../../service/logging/redact-text.ts',
    'the doctor redacting by the rules of our own logs',
  ],
  ['doctor/src/checks/x.ts', '../probe.ts', 'a check importing its probe'],
  ['doctor/src/checks/origin/x.ts', '../../probe.ts', 'a check in its folder importing its probe'],
  [
    'doctor/src/checks/origin/accepted.servers.ts',
    '../../../test/support/scenarios.ts',
    'the servers of a check importing the test server',
  ],
  ['doctor/src/x.ts', './checks/tls.ts', 'the doctor importing a check'],
  ['doctor/src/x.ts', 'node:net', 'the doctor importing Node.js'],
  ['cli/cost/x.ts', '../../infra/stack.ts', 'the cost importing the stack'],
  [
    'cli/cost/resources/x.ts',
    '../../../infra/rules/synthesized-template.ts',
    'a price count importing a template',
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
      'functions/rotation/x.ts',
      'functions/audit-check/x.ts',
      'service/main.ts',
      'functions/rotation/main.ts',
      'functions/audit-check/main.ts',
    ]) {
      put(fileOf(path, 'env'), 'export const y = process.env.HOME;\n');
    }
    for (const [name, lines] of [
      ['short', 60],
      ['long', 61],
    ] as const) {
      const text = `export function f(n: number) {\n${'  n += 1;\n'.repeat(lines)}}\n`;
      put(`service/${name}-function.ts`, text);
      put(`test/${name}-function.ts`, text);
    }
    for (const [a, b] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      put(`cli/circle-${a}.ts`, `import type { T } from './circle-${b}.ts';\n\nexport type { T as U };\n`);
    }
    for (const lines of [400, 401]) put(`infra/file-of-${lines}.ts`, 'Math.random();\n'.repeat(lines));
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

  test('warns about a function over 60 lines, except in tests, and about a file over 400', () => {
    expect(broken.get('service/long-function.ts')).toEqual(['noExcessiveLinesPerFunction']);
    expect(broken.get('infra/file-of-401.ts')).toEqual(['noExcessiveLinesPerFile']);
    for (const path of ['service/short-function.ts', 'test/long-function.ts', 'infra/file-of-400.ts'])
      expect(broken.get(path)).toBeUndefined();
  });

  test('refuses files that import each other, also if only types', () => {
    expect(broken.get('cli/circle-a.ts')).toEqual(['noImportCycles']);
    expect(broken.get('cli/circle-b.ts')).toEqual(['noImportCycles']);
  });

  test('refuses reads of the environment except where a process starts', () => {
    expect(broken.get('service/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('infra/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('functions/rotation/xenv.ts')).toEqual(['noProcessEnv']);
    expect(broken.get('functions/audit-check/xenv.ts')).toEqual(['noProcessEnv']);
    for (const main of ['service/main.ts', 'functions/rotation/main.ts', 'functions/audit-check/main.ts'])
      expect(broken.get(main)).toBeUndefined();
  });
});

test('no part of the service imports the examples of tools, so that the image has none of them', () => {
  const files = readdirSync(join(root, 'service'), { recursive: true, encoding: 'utf8' });
  const importing = files.filter(
    (path) =>
      path.endsWith('.ts') &&
      /(?:from |import\()'[^']*\/example(?:-\w+)?\.ts'/.test(
        readFileSync(join(root, 'service', path), 'utf8'),
      ),
  );
  expect(importing).toEqual([]);
});

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const doctor = JSON.parse(readFileSync(join(root, 'doctor/package.json'), 'utf8'));

  test('pins every dependency exactly and has the version that the server reports', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies }) as string[];
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-(?:alpha|beta)\.\d+)?$/.test(version))).toEqual([]);
    expect(manifest.version).toBe(VERSION);
    expect(doctor.version).toBe(VERSION);
    expect(manifest.devDependencies['aws-cdk']).toBe('2.1148.1');
  });

  test('of the doctor runs on the same Node.js, without dependencies, and can be published', () => {
    expect(doctor.engines).toEqual(manifest.engines);
    expect(Object.keys(doctor).filter((name) => /dependencies$/i.test(name))).toEqual([]);
    expect(doctor.private).toBeUndefined();
    expect(readFileSync(join(root, 'doctor/LICENSE'), 'utf8')).toBe(
      readFileSync(join(root, 'LICENSE'), 'utf8'),
    );
  });

  // Not npm's engine-strict: it would also refuse for the engines of test dependencies.
  test('stops npm on a Node.js that the service does not support', () => {
    const { version } = manifest.devEngines.runtime;
    expect(manifest.devEngines.runtime).toEqual({ name: 'node', version, onFail: 'error' });
    expect(version).toBe(manifest.engines.node);
  });

  test('keeps the CDK and every tool out of the runtime dependencies', () => {
    expect(
      Object.keys(manifest.dependencies).filter((name) =>
        /cdk|constructs|jest|biome|swc|esbuild|tsx/.test(name),
      ),
    ).toEqual([]);
  });

  test('has no runtime dependency that an advisory of the MCP ecosystem names', () => {
    const runtime = Object.entries(lock.packages as Record<string, { dev?: boolean }>)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(runtime).toContain('@modelcontextprotocol/server');
    const others =
      /^(@modelcontextprotocol\/(?!server$|client$|core$)|@hono\/|hono$|express-rate-limit$|mcp-remote$)/;
    expect(runtime.filter((name) => others.test(name))).toEqual([]);
  });

  test('has a lockfile with a hash for every package and no registry address', () => {
    const packages = Object.entries(
      lock.packages as Record<string, { integrity?: string; resolved?: string; inBundle?: boolean }>,
    );
    const bare = packages.filter(
      ([path, { integrity, resolved, inBundle }]) => path !== '' && !inBundle && (!integrity || resolved),
    );
    // The workspace is a folder of this repository, and npm links to it.
    expect(bare.map(([path]) => path)).toEqual(['doctor', 'node_modules/hardened-mcp-doctor']);
    expect(lock.packages['node_modules/hardened-mcp-doctor']).toEqual({ resolved: 'doctor', link: true });
  });

  test('has only permissive licences at run time', () => {
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
    const runtime = Object.entries(
      lock.packages as Record<string, { dev?: boolean; link?: boolean; license?: string }>,
    );
    const other = runtime.filter(
      ([path, { dev, link, license }]) => path !== '' && !dev && !link && !allowed.has(license ?? ''),
    );
    expect(other.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});
