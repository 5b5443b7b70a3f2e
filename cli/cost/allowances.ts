import type { Estimate } from './estimate.ts';
import { usd } from './line.ts';
import type { PriceName } from './prices.ts';

/**
 * AWS's monthly free tier per account, whichever resource uses it first. Estimates do not subtract it.
 * https://aws.amazon.com/cloudwatch/pricing/ as of 2026-05-05, https://aws.amazon.com/kms/pricing/ of 2026-03-14,
 * https://aws.amazon.com/lambda/pricing/ of 2026-09-20, https://aws.amazon.com/ec2/pricing/ of 2026-09-23
 */
const ALLOWANCES: Readonly<Partial<Record<PriceName, number>>> = {
  alarm: 10,
  metric: 10,
  dashboard: 3,
  logData: 5,
  keyRequests: 20_000,
  lambdaRequests: 1e6,
  lambdaArm: 400_000,
  internetData: 100,
};

/** USD a month that the free tier saves for an idle stage in an account without other resources. */
export function allowance({ items }: Estimate): number {
  const used = new Map<PriceName, number>();
  for (const { price, idle = 0 } of items.flatMap(({ lines }) => lines)) {
    used.set(price, (used.get(price) ?? 0) + idle);
  }
  return [...used].reduce(
    (sum, [price, units]) => sum + usd(price, Math.min(units, ALLOWANCES[price] ?? 0)),
    0,
  );
}
