import { bars } from './bars.ts';
import { byGroup, type Estimate } from './estimate.ts';

/** A bar chart of the monthly cost of two idle stages, by part of the bill. */
export function costPlot([dev, prod]: readonly [dev: Estimate, prod: Estimate]): string {
  const stages = [
    { sums: byGroup(dev), colour: 1 },
    { sums: byGroup(prod), colour: 2 },
  ] as const;
  const groups = [...new Set(stages.flatMap(({ sums }) => [...sums.keys()]))];
  const rows = groups.map((name) => ({
    name,
    bars: stages.map(({ sums, colour }) => ({ value: sums.get(name)?.idle ?? 0, colour })),
  }));
  const of = ({ name, idle }: Estimate) => `${name} ${idle.toFixed(2)}`;
  return bars(`USD a month while idle: blue is ${of(dev)}, orange ${of(prod)}`, rows, 2);
}
