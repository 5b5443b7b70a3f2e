import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { PROMISES, WRITABLE } from './promises.ts';

/** What came of the attempts in one container. */
export interface Attack {
  /** Attempts that succeeded. */
  readonly open: ReadonlySet<string>;
  readonly attempts: readonly string[];
  /** Paths that the process may write to. */
  readonly writable: readonly string[];
}

export const PROBE = '/probe';

/** Compiles the probe. @throws when there is no compiler, with how to get one */
export function buildProbe(folder: string): string {
  const source = new URL('./probe.c', import.meta.url).pathname;
  try {
    execFileSync('gcc', ['--version']);
  } catch {
    throw new Error('the probe needs gcc on Linux; on Debian: apt-get install gcc libc6-dev');
  }
  const probe = join(folder, 'probe');
  execFileSync('gcc', ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', probe, source]);
  return probe;
}

/** Runs the probe beside the service. */
export function attack(engine: Engine, container: string): Attack {
  const lines = engine.run(['exec', container, PROBE]).trim().split('\n');
  const told = lines.map((line) => JSON.parse(line) as { name?: string; open?: boolean; writable?: string });
  const tried = told.flatMap(({ name, open }) => (name === undefined ? [] : [{ name, open }]));
  return {
    attempts: tried.map(({ name }) => name),
    open: new Set(tried.filter(({ open }) => open).map(({ name }) => name)),
    writable: told.flatMap(({ writable }) => writable ?? []).sort(),
  };
}

/** Where the task differs from what its settings promise. */
export function brokenPromises({ open, attempts, writable }: Attack): string[] {
  const promised = PROMISES.flatMap((row) => row.attempts.map((name) => ({ ...row, name })));
  const known = new Set(promised.map(({ name }) => name));
  return [
    ...attempts.filter((name) => !known.has(name)).map((name) => `${name} stands in no promise`),
    ...promised.flatMap(({ name, expected, why }) => {
      if (!attempts.includes(name)) return [`${name} was not tried`];
      if (expected === 'engine' || open.has(name) === (expected === 'open')) return [];
      return [`${name} is ${open.has(name) ? 'open' : 'blocked'}, expected ${expected}: ${why}`];
    }),
    ...writable.filter((path) => !WRITABLE.includes(path)).map((path) => `${path} is writable`),
  ];
}

/** The names with an expectation. */
export function expectedTo(be: 'blocked' | 'open' | 'engine'): string[] {
  return PROMISES.filter(({ expected }) => expected === be).flatMap(({ attempts }) => attempts);
}
