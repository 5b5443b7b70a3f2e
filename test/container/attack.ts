import type { Engine } from './engine.ts';
import { PROMISES, WRITABLE } from './promises.ts';

/** The outcome of the attempts in one container. */
export interface Attack {
  /** Attempts that succeeded. */
  readonly open: ReadonlySet<string>;
  /** Attempts that a signal ended early, other than that of seccomp: their outcome is unknown. */
  readonly killed: ReadonlySet<string>;
  readonly attempts: readonly string[];
  /** Paths that the process may write to. */
  readonly writable: readonly string[];
}

export const PROBE = '/probe';

/** Runs the probe beside the service. */
export function attack(engine: Engine, container: string): Attack {
  const lines = engine.run(['exec', container, PROBE]).trim().split('\n');
  return readAttack(lines);
}

/** Reads the output of the probe. */
export function readAttack(lines: readonly string[]): Attack {
  const told = lines.map((line) => JSON.parse(line) as { name?: string; state?: string; writable?: string });
  const tried = told.flatMap(({ name, state }) => (name === undefined ? [] : [{ name, state }]));
  const inState = (wanted: string) =>
    new Set(tried.filter(({ state }) => state === wanted).map(({ name }) => name));
  return {
    attempts: tried.map(({ name }) => name),
    open: inState('open'),
    killed: inState('killed'),
    writable: told.flatMap(({ writable }) => writable ?? []).sort(),
  };
}

/** Differences between the task and the promises of its settings. */
export function brokenPromises({ open, killed, attempts, writable }: Attack): string[] {
  const promised = PROMISES.flatMap((row) => row.attempts.map((name) => ({ ...row, name })));
  const known = new Set(promised.map(({ name }) => name));
  return [
    ...attempts.filter((name) => !known.has(name)).map((name) => `${name} has no promise`),
    ...promised.flatMap(({ name, expected, why }) => {
      if (!attempts.includes(name)) return [`${name} was not tried`];
      if (killed.has(name))
        return [`${name} was ended by a signal, which is neither blocked nor open: ${why}`];
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
