import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AlarmBehavior } from 'aws-cdk-lib/aws-ecs';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Severity } from '../../lib/alarm-row.ts';
import { assertMatches } from '../../lib/validation.ts';
import { type AlarmTableOptions, type AlarmTableProps, alarmTable } from './alarm-table.ts';
import { type AlarmTopics, createAlarmTopics } from './alarm-topics.ts';

export interface MonitoringOptions extends AlarmTableOptions {
  /**
   * Address that every alarm is mailed to, after it confirmed two subscriptions: of pages and of tickets.
   *
   * @default - nobody; subscribe to the topics
   */
  readonly email?: string;
  /** Address that alarms of high severity are mailed to as well, such as that of a pager. @default - nobody besides */
  readonly pagerEmail?: string;
  /**
   * Address of the runbook, such as `https://wiki.example.com/mcp/runbook`; each alarm adds its anchor.
   *
   * @default - alarms name their article of RUNBOOK.md
   */
  readonly runbookUrl?: string;
}

export interface MonitoringProps extends MonitoringOptions, AlarmTableProps {}

/** Alarms that reach somebody, by how urgent they are, each with an article of its name in the runbook. */
export class Monitoring extends Construct {
  readonly topics: AlarmTopics;
  readonly alarms: Readonly<Record<Severity, Alarm[]>> = { high: [], medium: [], low: [] };

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    if (props.runbookUrl !== undefined) {
      assertMatches(
        'monitoring.runbookUrl',
        props.runbookUrl,
        /^https?:\/\/[^\s#]+$/,
        'a URL without an anchor',
      );
    }

    this.topics = createAlarmTopics(this, props);
    const rollback: string[] = [];
    for (const [name, row] of Object.entries(alarmTable(props))) {
      const article = props.runbookUrl
        ? `${props.runbookUrl}#${name.toLowerCase()}`
        : `${name} in RUNBOOK.md`;
      const alarmName = `${Stack.of(this).stackName}-${name}`;
      const alarm = new Alarm(this, name, {
        alarmName,
        alarmDescription: `[${row.severity}] ${row.what}. Runbook: ${article}`,
        metric: row.metric,
        threshold: row.threshold,
        evaluationPeriods: row.periods ?? 1,
        comparisonOperator: row.below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: row.below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      const topic = new SnsAction(row.severity === 'high' ? this.topics.pages : this.topics.tickets);
      alarm.addAlarmAction(topic);
      alarm.addOkAction(topic);
      this.alarms[row.severity].push(alarm);
      if (row.rollback) {
        rollback.push(alarmName);
        // The name is a plain string; ECS refuses a deployment alarm that does not exist yet.
        props.service.node.addDependency(alarm);
      }
    }
    props.service.enableDeploymentAlarms(rollback, { behavior: AlarmBehavior.ROLLBACK_ON_ALARM });
  }
}
