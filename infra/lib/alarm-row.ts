import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * What an alarm asks of its reader, most urgent first.
 *
 * - `high` is a page: act now, at any hour. Clients are refused or soon will be, or somebody may have broken in.
 * - `medium` is a ticket: look within the working day. Part of the service suffers or a safeguard is gone, and waiting
 *   until then makes it no worse.
 * - `low` is a ticket for the next review: the stack has dealt with it, or its date is weeks away.
 */
export const SEVERITIES = ['high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One alarm: `what` happened when `metric` reaches `threshold` in each of `periods`. */
export interface AlarmRow {
  readonly what: string;
  readonly severity: Severity;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  /** Alarm below the threshold, and when there is no data at all. @default false */
  readonly below?: boolean;
  /** Whether a deployment that brings the alarm about is rolled back. @default false */
  readonly rollback?: boolean;
}
