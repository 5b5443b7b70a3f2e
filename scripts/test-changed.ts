import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { readArguments } from '../cli/arguments.ts';
import { relatedSuites } from './related-suites.ts';
import { type Check, ROOT, runChecks } from './run-check.ts';

const MOST = 6;

const USAGE = `usage: npm run -s test:changed [-- FILE… [--all]]
Checks the types, lints the changed files and runs the suites nearest to them. Without FILE: those that differ from the
last commit. At most ${MOST} suites are run, of the slowest only the nearest, and the rest are counted; npm test runs every suite.
  --all  runs every suite that depends on the files`;

const { given, all } = readArguments(
  USAGE,
  { allowPositionals: true, options: { all: { type: 'boolean', default: false } } },
  ({ values, positionals }) => {
    for (const file of positionals) if (!existsSync(file)) throw new Error(`there is no file ${file}`);
    return { given: positionals, all: values.all };
  },
);

/** The compiler checks what depends on the changes since the run before. */
const INCREMENTALLY = ['--incremental', '--tsBuildInfoFile', 'dist/made/tsbuildinfo.json'];

/** Files that differ from the last commit and still exist. */
function differing(): string[] {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  const paths = [
    ...git('diff', '--name-only', '--relative', '-z', 'HEAD'),
    ...git('ls-files', '--others', '--exclude-standard', '-z'),
  ];
  return paths.filter((path) => path !== '' && existsSync(resolve(ROOT, path)));
}

const changed = given.length > 0 ? given.map((file) => relative(ROOT, realpathSync(file))) : differing();
const related = relatedSuites(
  ROOT,
  changed.map((path) => path.replaceAll('\\', '/')),
);
const slowest: string[] = JSON.parse(readFileSync(resolve(ROOT, 'test/support/slowest.json'), 'utf8'));
const quick = related.filter(
  ({ path, distance }, index) => index === 0 || distance === 0 || !slowest.includes(path),
);
const run = all ? related : quick.slice(0, MOST);
const left = related.length - run.length;
process.stdout.write(
  `${changed.length} changed files, ${run.length} suites${left > 0 ? `; ${left} more depend on them, left for npm test or --all` : ''}\n`,
);
const checks: Check[] = [{ name: 'types', args: INCREMENTALLY }];
if (changed.length > 0) {
  const options = ['--no-errors-on-unmatched', '--files-ignore-unknown=true'];
  checks.push({ name: 'lint', args: [...options, ...changed] });
}
if (run.length > 0) {
  const paths = run.map(({ path }) => path);
  // Few suites cost less in one process, and the other checks need a processor too.
  const workers = all ? [] : ['--runInBand'];
  checks.push({ name: 'suites', args: [...workers, '--runTestsByPath', ...paths] });
}
process.exitCode = (await runChecks(checks)) ? 0 : 1;
