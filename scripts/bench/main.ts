import { spawnSync } from 'node:child_process';
import { readBenchArguments } from './arguments.ts';

readBenchArguments();

const STEPS = [
  ['npm', 'ci', '--prefix', 'scripts/bench'],
  ['npm', 'run', '--silent', 'build'],
  ['npm', 'run', '--silent', 'bench:build'],
  [
    'taskset',
    '-c',
    '1',
    process.execPath,
    '--import',
    'tsx',
    'scripts/bench/run.ts',
    ...process.argv.slice(2),
  ],
] as const;

for (const [program, ...args] of STEPS) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`${program} cannot be run: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
