import { Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { type IFilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

export interface LineCount {
  /** Id of the filter. @default - the name */
  readonly id?: string;
  /** @default 5 minutes */
  readonly period?: Duration;
}

/** Counts matching lines of a log group in a metric of the stack; zero without one. @returns their number in a period */
export function countLines(
  scope: Construct,
  logGroup: ILogGroup,
  metricName: string,
  filterPattern: IFilterPattern,
  { id = metricName, period = Duration.minutes(5) }: LineCount = {},
) {
  const filter = new MetricFilter(scope, id, {
    ...{ logGroup, filterPattern, metricName },
    metricNamespace: `HardenedMcp/${Stack.of(scope).stackName}`,
    metricValue: '1',
    defaultValue: 0,
    unit: Unit.COUNT,
  });
  return filter.metric({ statistic: Stats.SUM, period });
}
