import { type FoundResource, SynthesizedTemplate } from '../../infra/rules/synthesized-template.ts';
import { type Billable, type Group, type Line, UnpricedError, usd } from './line.ts';
import { FIREWALLS } from './resources/firewalls.ts';
import { FREE } from './resources/free.ts';
import { LOGS } from './resources/logs.ts';
import { METRICS } from './resources/metrics.ts';
import { NETWORK } from './resources/network.ts';
import { SECRETS } from './resources/secrets.ts';
import { TASKS } from './resources/tasks.ts';

/** USD a month. */
export interface Amount {
  /** Without calls. */
  readonly idle: number;
  /** Additional cost of a million calls. */
  readonly perMillion: number;
}

export interface Item extends Amount {
  readonly logicalId: string;
  readonly type: string;
  readonly group: Group;
  readonly lines: readonly Line[];
}

export interface Estimate extends Amount {
  readonly name: string;
  readonly region: string;
  /** Resources that cost something, in the order of the bill. */
  readonly items: readonly Item[];
}

/** Types that cost something, in the order of the bill. */
export const BILLABLE: Readonly<Record<string, Billable>> = {
  ...NETWORK,
  ...FIREWALLS,
  ...TASKS,
  ...METRICS,
  ...LOGS,
  ...SECRETS,
};

export function total(amounts: readonly Amount[]): Amount {
  return amounts.reduce<Amount>(
    (sum, { idle, perMillion }) => ({ idle: sum.idle + idle, perMillion: sum.perMillion + perMillion }),
    { idle: 0, perMillion: 0 },
  );
}

/**
 * Estimates the monthly cost of a template.
 *
 * @throws UnpricedError naming every resource that has neither a price nor a reason why it is free
 */
export function estimate(name: string, region: string, json: unknown): Estimate {
  const template = new SynthesizedTemplate(json, false);
  const faults: string[] = [];
  const price = (found: FoundResource, type: string, { group, count }: Billable): Item[] => {
    try {
      const lines = count(found, template).filter(
        ({ idle = 0, perMillion = 0 }) => idle > 0 || perMillion > 0,
      );
      const amounts = lines.map((line) => ({
        idle: usd(line.price, line.idle),
        perMillion: usd(line.price, line.perMillion),
      }));
      return lines.length === 0
        ? []
        : [{ logicalId: found.logicalId, type, group, lines, ...total(amounts) }];
    } catch (error) {
      if (!(error instanceof UnpricedError)) throw error;
      faults.push(`${type} ${found.logicalId}: ${error.message}`);
      return [];
    }
  };
  const items = Object.entries(BILLABLE).flatMap(([type, billable]) =>
    template.all(type).flatMap((found) => price(found, type, billable)),
  );
  for (const [logicalId, { Type }] of Object.entries(template.resources)) {
    if (Object.hasOwn(BILLABLE, Type) || Object.hasOwn(FREE, Type)) continue;
    faults.push(`${Type} ${logicalId}: the price of this type is unknown`);
  }
  if (faults.length > 0) {
    throw new UnpricedError(
      `${name} has resources without a price; add a price in cli/cost/resources/, or a reason why it is free in cli/cost/resources/free.ts:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
  return { name, region, items, ...total(items) };
}

/** Sums by group, in the order of the bill. */
export function byGroup({ items }: Estimate): ReadonlyMap<Group, Amount> {
  const groups = new Map<Group, Amount>();
  for (const item of items) groups.set(item.group, total([groups.get(item.group) ?? total([]), item]));
  return groups;
}
