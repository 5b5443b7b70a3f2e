import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = realpathSync(resolve(import.meta.dirname, '..'));

/** Arguments of Node.js for the compiler, the linter and Jest, as their links in node_modules/.bin start them. */
export const PROGRAMS = {
  // Checkers repeat part of their work, and Jest takes the other processors.
  types: ['node_modules/typescript/bin/tsc', '--noEmit', '--checkers', '2'],
  lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  suites: [
    // For Jest and its workers: with the default of 16 MiB, collecting new objects takes an eighth of a run.
    '--max-semi-space-size=64',
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ],
} as const;

export interface Check {
  readonly name: keyof typeof PROGRAMS;
  readonly args?: readonly string[];
  /** Whether its output appears as it is written. @default - all at once when it ends, so that other checks can run beside it */
  readonly live?: boolean;
}

/** The checks of `npm test`. @param patterns of suites to run. @default - all */
export const everyCheck = (patterns: readonly string[] = []): readonly Check[] => [
  { name: 'suites', args: patterns, live: true },
  { name: 'types' },
  { name: 'lint', args: ['.'] },
];

/** Runs a check and prints its result and its duration. @returns whether it succeeded */
async function runCheck({ name, args = [], live = false }: Check): Promise<boolean> {
  const begun = performance.now();
  const stream = live ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [...PROGRAMS[name], ...args], {
    cwd: ROOT,
    stdio: ['ignore', stream, stream],
  });
  let output = '';
  for (const one of [child.stdout, child.stderr]) {
    one?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`${output}${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`);
  return code === 0;
}

/** Runs checks at the same time. One that fails ends no other, so that a run tells every fault. @returns whether all succeeded */
export async function runChecks(checks: readonly Check[]): Promise<boolean> {
  const failed = (
    await Promise.all(checks.map(async (check) => ((await runCheck(check)) ? [] : [check.name])))
  ).flat();
  if (failed.length > 0) process.stdout.write(`FAILED: ${failed.join(', ')}\n`);
  return failed.length === 0;
}
