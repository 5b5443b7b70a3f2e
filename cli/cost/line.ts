import type { FoundResource, SynthesizedTemplate } from '../../infra/rules/synthesized-template.ts';
import { PRICES, type PriceName } from './prices.ts';

/** One line of the bill: so many units of one price. */
export interface Line {
  readonly price: PriceName;
  /** Units a month while nobody calls. @default 0 */
  readonly idle?: number;
  /** Units more for a million calls. @default 0 */
  readonly perMillion?: number;
}

/** What is asked for a resource. @throws UnpricedError for what the price table does not cover */
export type Count = (resource: FoundResource, template: SynthesizedTemplate) => readonly Line[];

/** A part of the bill that a reader thinks of as one. */
export type Group =
  | 'Way out'
  | 'Load balancer'
  | 'Firewalls'
  | 'Tasks and functions'
  | 'Metrics and alarms'
  | 'Logs'
  | 'Keys and secrets'
  | 'Shared limits';

export interface Billable {
  readonly group: Group;
  /** What a stack has it for. */
  readonly why: string;
  readonly count: Count;
}

/** A resource that costs something nobody has looked up. */
export class UnpricedError extends Error {}

export function usd(price: PriceName, units = 0): number {
  const { usd: amount, per = 1 } = PRICES[price];
  return (units * amount) / per;
}
