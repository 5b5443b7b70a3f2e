import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeOnce } from './make-once.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGES = ['package.json', 'package-lock.json', 'tsconfig.json'];

/**
 * A copy of the service whose list of tools is fixture-list.ts: a fork may have no tool of the kit. Nothing else differs,
 * and the commands of package.json work in its folder.
 */
export function serviceWithFixtures(): string {
  const fixtures = ['fixture-list', 'fixture-tools', 'fetch-page'].map((name) => `test/support/${name}.ts`);
  return makeOnce('service-with-fixtures', ['service', ...fixtures, ...PACKAGES], (to) => {
    for (const path of ['service', ...fixtures, ...PACKAGES])
      cpSync(join(ROOT, path), join(to, path), { recursive: true });
    const list = "export { tools } from '../../test/support/fixture-list.ts';\n";
    writeFileSync(join(to, 'service/tools/index.ts'), list);
  });
}

/** The output of `npm run build` in that copy. */
export function fixtureBundle(): string {
  const source = serviceWithFixtures();
  const folder = makeOnce('fixture-bundle', ['test/support', 'service', ...PACKAGES], (to) => {
    execFileSync('npm', ['run', '--silent', 'build', '--', `--outfile=${join(to, 'main.cjs')}`], {
      cwd: source,
    });
  });
  return join(folder, 'main.cjs');
}

/** The output of `npm run build`, made once for all suites. It starts in a fraction of tsx's time. */
export function serviceBundle(): string {
  const folder = makeOnce('service', ['service', ...PACKAGES], (to) => {
    execFileSync('npm', ['run', '--silent', 'build', '--', `--outfile=${join(to, 'main.cjs')}`], {
      cwd: ROOT,
    });
  });
  return join(folder, 'main.cjs');
}

/**
 * A program of `cli/` as one file, for suites that start it often. `help.test.ts` starts each program with tsx, as
 * users do.
 *
 * @param name of a program that reads no file beside its source
 */
export function programBundle(name: 'access' | 'audit-verify' | 'call' | 'tokens' | 'tools-pin'): string {
  const inputs = ['cli', 'functions', 'infra', 'service', ...PACKAGES];
  const folder = makeOnce(`cli-${name}`, inputs, (to) => {
    const requireInModules =
      "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";
    execFileSync(
      resolve(ROOT, 'node_modules/.bin/esbuild'),
      [
        ...[`cli/${name}.ts`, '--bundle', '--platform=node', '--format=esm', '--log-level=warning'],
        ...[
          '--external:supports-color',
          `--banner:js=${requireInModules}`,
          `--outfile=${join(to, 'main.mjs')}`,
        ],
      ],
      { cwd: ROOT },
    );
  });
  return join(folder, 'main.mjs');
}
