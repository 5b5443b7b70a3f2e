import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** One alarm: `what` happened when `metric` reaches `threshold` in each of `periods`. */
export interface AlarmRow {
  readonly what: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  /** Alarm below the threshold, and when there is no data at all. @default false */
  readonly below?: boolean;
  /** Whether a deployment that brings the alarm about is rolled back. @default false */
  readonly rollback?: boolean;
}
