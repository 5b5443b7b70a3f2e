import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './start-time.ts';

const ROUNDS = 3;
const root = join(import.meta.dirname, '../..');

/** Median seconds of `cdk synth`: of an app with only a VPC, and of `dev` with every pack and rule. */
export function synthTimes(): { readonly plainS: number; readonly oursS: number } {
  const plain: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(secondsOf('node --import tsx test/infra/vpc-only-app.ts'));
    ours.push(secondsOf('node --import tsx infra/main.ts'));
  }
  return { plainS: median(plain), oursS: median(ours) };
}

function secondsOf(app: string): number {
  const began = performance.now();
  const out = join(root, 'cdk.out/bench');
  const args = ['cdk', 'synth', '--quiet', '--app', app, '--output', out, '-c', 'stage=dev'];
  execFileSync('npx', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return (performance.now() - began) / 1000;
}
