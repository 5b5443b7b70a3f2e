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

/** Resources of a type whose price is unknown. */
export interface Unpriced {
  readonly type: string;
  readonly logicalIds: readonly string[];
  /** The setting that has no price; absent if the whole type has none. */
  readonly because?: string;
}

export interface Estimate extends Amount {
  readonly name: string;
  readonly region: string;
  /** Resources that are missing in the sums, such as those that a fork adds. */
  readonly unpriced: readonly Unpriced[];
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

/** Estimates the monthly cost of a template: of the resources whose price is known. */
export function estimate(name: string, region: string, json: unknown): Estimate {
  const template = new SynthesizedTemplate(json, false);
  const unpriced = new Map<string, { type: string; logicalIds: string[]; because?: string }>();
  const cannotPrice = (type: string, logicalId: string, because?: string) => {
    const key = `${type} ${because}`;
    const known = unpriced.get(key);
    if (known) known.logicalIds.push(logicalId);
    else unpriced.set(key, { type, logicalIds: [logicalId], ...(because === undefined ? {} : { because }) });
  };
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
      cannotPrice(type, found.logicalId, error.message);
      return [];
    }
  };
  const items = Object.entries(BILLABLE).flatMap(([type, billable]) =>
    template.all(type).flatMap((found) => price(found, type, billable)),
  );
  for (const [logicalId, { Type }] of Object.entries(template.resources)) {
    if (!(Object.hasOwn(BILLABLE, Type) || Object.hasOwn(FREE, Type))) cannotPrice(Type, logicalId);
  }
  return { name, region, items, unpriced: [...unpriced.values()], ...total(items) };
}

/** `AWS::SQS::Queue (2)`, or with the setting that has no price. */
export function nameOf({ type, logicalIds, because }: Unpriced): string {
  return `${type} (${logicalIds.length})${because === undefined ? '' : `: ${because}`}`;
}

/**
 * Estimates a template of the kit itself, whose every resource has a price.
 *
 * @throws UnpricedError naming every resource that has neither a price nor a reason why it is free
 */
export function completeEstimate(name: string, region: string, json: unknown): Estimate {
  const found = estimate(name, region, json);
  if (found.unpriced.length === 0) return found;
  throw new UnpricedError(
    `${name} has resources without a price; add a price in cli/cost/resources/, or a reason why it is free in cli/cost/resources/free.ts:\n${found.unpriced.map((one) => `  ${nameOf(one)}: ${one.logicalIds.join(', ')}`).join('\n')}`,
  );
}

/** Sums by group, in the order of the bill. */
export function byGroup({ items }: Estimate): ReadonlyMap<Group, Amount> {
  const groups = new Map<Group, Amount>();
  for (const item of items) groups.set(item.group, total([groups.get(item.group) ?? total([]), item]));
  return groups;
}
