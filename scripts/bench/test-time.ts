import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';

/**
 * Seconds that `npm test` takes with all cores. @throws Error when it fails, because its duration is then meaningless
 */
export function testTime(): number {
  const began = performance.now();
  const { status } = spawnSync('taskset', ['-c', `0-${cpus().length - 1}`, 'npm', 'test'], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  if (status !== 0)
    throw new Error(`npm test ended with ${status}; run it alone, or the bench with --skip-tests`);
  return (performance.now() - began) / 1000;
}
