import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { stages } from '../../../infra/config.ts';

const root = new URL('../../..', import.meta.url).pathname;

function cost(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'cli/cost.ts', ...words],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test('npm run cost prints every configured stage with its total, and the same on each run', () => {
  const { status, stdout, stderr } = cost();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const name of Object.keys(stages)) expect(stdout).toContain(`Mcp-${name}: USD a month`);
  expect(stdout.match(/^Total +\d+\.\d\d +\d+\.\d\d$/gm)).toHaveLength(Object.keys(stages).length);
  expect(cost().stdout).toBe(stdout);
});

test('npm run cost -- --json lists each resource, and the prices with their sources', () => {
  const [name = ''] = Object.keys(stages);
  const { status, stdout } = cost('--json', '--stage', name);
  expect(status).toBe(0);
  const { stages: found, prices } = JSON.parse(stdout);
  expect(found).toHaveLength(1);
  const sum = found[0].items.reduce((total: number, { idle }: { idle: number }) => total + idle, 0);
  expect(sum).toBeCloseTo(found[0].idle, 6);
  expect(prices.nat).toMatchObject({ usd: 0.045, source: 'https://aws.amazon.com/vpc/pricing/' });
});

test('npm run cost explains its usage and lists the stages', () => {
  expect(cost('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: npm run/) });
  const { status, stdout, stderr } = cost('--stage', 'staging');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(`--stage must be one of ${Object.keys(stages).join(', ')}, got "staging"\n`);
});
