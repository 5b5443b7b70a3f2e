import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * Severity of an alarm, most urgent first.
 *
 * - `high` is a page: act now, at any hour. Clients are refused or soon will be, or there may be an intrusion.
 * - `medium` is a ticket: look within the working day. Part of the service is degraded or a safeguard is missing, and
 *   waiting until then makes it no worse.
 * - `low` is a ticket for the next review: the stack has handled it, or its deadline is weeks away.
 */
export const SEVERITIES = ['high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One alarm: it goes off when `metric` reaches `threshold` in each of `periods`; `what` describes the event. */
export interface AlarmRow {
  readonly what: string;
  readonly severity: Severity;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  /** Go off below the threshold, and without data. @default false */
  readonly below?: boolean;
  /** Whether a deployment that causes the alarm is rolled back. @default false */
  readonly rollback?: boolean;
}
