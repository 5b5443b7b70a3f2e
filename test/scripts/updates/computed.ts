import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Effects } from '../../../scripts/updates/effects.ts';
import type { Pinned } from '../../../scripts/updates/pinned.ts';
import { makeOnce } from '../../support/make-once.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * The inputs of the templates. Of the service and the functions, the stack imports only these contracts (biome.json); the
 * hashes of their sources are the same before and after a change.
 */
const INPUTS = [
  ...['infra', 'service/environment', 'service/environment.ts', 'scripts/updates'],
  ...['functions/rotation/environment.ts', 'functions/audit-check/environment.ts'],
  ...['cdk.json', 'tsconfig.json', '.npmrc', 'package.json', 'package-lock.json'],
  ...['stages', 'combinations', 'stack'].map((name) => `test/infra/${name}.ts`),
];

/**
 * Effects of the changes of every option, and the pinned resources, computed in one process for all suites and for later
 * runs as long as no input changes. It takes 15 to 20 seconds of CPU.
 */
export function computed(): { readonly effects: Effects; readonly pinned: Pinned } {
  const folder = makeOnce('updates', INPUTS, (to) => {
    const program = join(ROOT, 'scripts/updates/process.ts');
    execFileSync(process.execPath, ['--import', 'tsx', program, to], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return { effects: read('effects.json'), pinned: read('pinned.json') };
}
