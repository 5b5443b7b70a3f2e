import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { allowance } from '../../../cli/cost/allowances.ts';
import { costPlot } from '../../../cli/cost/cost-plot.ts';
import { examples } from '../../../cli/cost/examples.ts';
import { page } from '../../../cli/cost/page.ts';
import { report } from '../../../cli/cost/report.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const found = examples();
const [dev, prod] = found.stages;
const STALE = 'docs/cost.md is out of date with the templates or prices: npm run cost -- --write';

/** Maximum USD a month without calls. Explain an increase in docs/cost.md. */
describe('an idle month of', () => {
  test('prod, two tasks in two zones, costs at most 175', () => {
    expect(prod?.idle).toBeLessThanOrEqual(175);
  });

  test('dev costs at most 80 in a VPC that has egress, and 109 with its own', () => {
    expect(found.devInVpc.idle).toBeLessThanOrEqual(80);
    expect(dev?.idle).toBeLessThanOrEqual(109);
  });
});

describe('docs/cost.md', () => {
  test('is generated from the templates and the prices', () => {
    if (read('docs/cost.md') !== page(found)) throw new Error(STALE);
  });

  test('has the plot of the same figures', () => {
    if (read('docs/cost.svg') !== costPlot(found.stages)) throw new Error(STALE);
  });

  test('compares egress: a regional NAT gateway costs the same as two zonal ones, one zonal costs half', () => {
    const [two, one, regional, endpoints, yours] = [...found.networks.values()].map(({ idle }) => idle);
    expect(regional).toBeCloseTo(two ?? 0, 6);
    expect((two ?? 0) - (one ?? 0)).toBeCloseTo(36.5, 6);
    expect(endpoints).toBeLessThan(two ?? 0);
    expect(yours).toBeLessThan(one ?? 0);
  });

  test('does not subtract the free tier, and states its amount', () => {
    // 10 alarms, 9 metrics, 1 dashboard, the logs of an idle month, the functions.
    const logs = 0.175 + 0.175;
    expect(allowance(dev ?? found.devInVpc)).toBeCloseTo(1 + 2.7 + 3 + logs * 0.5 + 0.365, 2);
  });
});

test('README shows what npm run cost prints for dev', () => {
  const total = report(dev ?? found.devInVpc)
    .trimEnd()
    .split('\n')
    .findLast((line) => line.startsWith('Total'));
  expect(total).toBeDefined();
  expect(read('README.md')).toContain(`   ${total}\n`);
});

test('README has the totals of docs/cost.md', () => {
  const whole = (amount = Number.NaN) => amount.toFixed(0);
  const totals = `\`dev\` ${whole(dev?.idle)}, \`prod\` ${whole(prod?.idle)}. A million calls add ${whole(prod?.perMillion)}.`;
  expect(read('README.md')).toContain(totals);
});

test('the plot has a bar for each stage and group, inside its frame, in colours for light and dark', () => {
  const svg = costPlot(found.stages);
  const [, width = ''] = /viewBox="0 0 (\d+)/.exec(svg) ?? [];
  const bars = [...svg.matchAll(/x="210" y="\d+" width="([\d.]+)"/g)].map(([, length]) => Number(length));
  expect(bars).toHaveLength(2 * 7);
  expect(Math.max(...bars)).toBeLessThan(Number(width) - 210);
  expect(svg).toContain('prefers-color-scheme: dark');
});
