import type { FoundResource, SynthesizedTemplate } from '../../infra/rules/synthesized-template.ts';
import { PRICES, type PriceName } from './prices.ts';

/** One line of the bill: a number of units at one price. */
export interface Line {
  readonly price: PriceName;
  /** Units a month without calls. @default 0 */
  readonly idle?: number;
  /** Additional units for a million calls. @default 0 */
  readonly perMillion?: number;
}

/** Counts the billed units of a resource. @throws UnpricedError for a setting that the price table does not cover */
export type Count = (resource: FoundResource, template: SynthesizedTemplate) => readonly Line[];

/** A part of the bill. */
export type Group =
  | 'Egress'
  | 'Load balancer'
  | 'Firewalls'
  | 'Tasks and functions'
  | 'Metrics and alarms'
  | 'Logs'
  | 'Keys and secrets'
  | 'Shared limits';

export interface Billable {
  readonly group: Group;
  /** Purpose of the resource in a stack. */
  readonly why: string;
  readonly count: Count;
}

/** A resource whose price is unknown. */
export class UnpricedError extends Error {}

export function usd(price: PriceName, units = 0): number {
  const { usd: amount, per = 1 } = PRICES[price];
  return (units * amount) / per;
}
