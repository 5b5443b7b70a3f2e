import { beforeAll, expect, test } from '@jest/globals';
import { estimate } from '../../../cli/cost/estimate.ts';
import { report } from '../../../cli/cost/report.ts';
import { templateOf } from '../../../cli/synthesize.ts';
import { stages } from '../../../infra/config.ts';
import { extend } from '../../../infra/extensions.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { tools } from '../../../service/tools/index.ts';
import type { Ended } from '../command-lines.ts';
import { runCommandLines } from '../run-command-lines.ts';

/** Time in milliseconds within which a busy machine synthesizes every stage a few times. */
const QUICKLY = 60_000;
const [name = ''] = Object.keys(stages);

let ended: Readonly<Record<'every' | 'json' | 'help' | 'unknown', Ended>>;
beforeAll(async () => {
  const lines = [[], ['--json', '--stage', name], ['--help'], ['--stage', 'no-such-stage']];
  const [every, json, help, unknown] = await runCommandLines(
    lines.map((args) => ({ path: 'cli/cost.ts', args })),
    QUICKLY,
  );
  ended = { every, json, help, unknown } as typeof ended;
}, QUICKLY);

test('npm run cost prints every configured stage with its total, and the same on each run', () => {
  const { status, stdout, stderr } = ended.every;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const name of Object.keys(stages)) expect(stdout).toContain(`Stage ${name}: USD a month`);
  expect(stdout.match(/^Total +\d+\.\d\d +\d+\.\d\d$/gm)).toHaveLength(Object.keys(stages).length);
  // This process repeats the estimates, so that nothing that the other remembers makes both alike.
  const again = Object.entries<StageConfig>(stages).map(([name, config]) =>
    report(estimate(name, config.region, templateOf(name, config, { tools, extend }))),
  );
  expect(stdout).toBe(again.join('\n'));
});

test('npm run cost -- --json lists each resource, and the prices with their sources', () => {
  const { status, stdout } = ended.json;
  expect(status).toBe(0);
  const { stages: found, prices } = JSON.parse(stdout);
  expect(found).toHaveLength(1);
  const sum = found[0].items.reduce((total: number, { idle }: { idle: number }) => total + idle, 0);
  expect(sum).toBeCloseTo(found[0].idle, 6);
  expect(prices.nat).toMatchObject({ usd: 0.045, source: 'https://aws.amazon.com/vpc/pricing/' });
});

test('npm run cost explains its usage and lists the stages', () => {
  expect(ended.help).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: npm run/) });
  const { status, stdout, stderr } = ended.unknown;
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(`--stage must be one of ${Object.keys(stages).join(', ')}, got "no-such-stage"\n`);
});
