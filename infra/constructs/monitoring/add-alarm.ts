import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AlarmRow } from '../../lib/alarm-row.ts';
import type { AlarmTopics } from './alarm-topics.ts';

export interface AlarmProps {
  readonly topics: AlarmTopics;
  /** URL of the runbook, without an anchor. @default - RUNBOOK.md */
  readonly runbookUrl?: string | undefined;
}

/** An alarm that notifies the topic of its severity when it starts and when it ends, with a section in the runbook. */
export function addAlarm(scope: Construct, name: string, row: AlarmRow, props: AlarmProps): Alarm {
  const article = props.runbookUrl ? `${props.runbookUrl}#${name.toLowerCase()}` : `${name} in RUNBOOK.md`;
  const alarm = new Alarm(scope, name, {
    alarmName: `${Stack.of(scope).stackName}-${name}`,
    alarmDescription: `[${row.severity}] ${row.what}. Runbook: ${article}`,
    metric: row.metric,
    threshold: row.threshold,
    evaluationPeriods: row.periods ?? 1,
    comparisonOperator: row.below
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: row.below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const topic = new SnsAction(row.severity === 'high' ? props.topics.pages : props.topics.tickets);
  alarm.addAlarmAction(topic);
  alarm.addOkAction(topic);
  return alarm;
}
