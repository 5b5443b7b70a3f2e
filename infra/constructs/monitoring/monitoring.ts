import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmBehavior } from 'aws-cdk-lib/aws-ecs';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import type { Severity } from '../../lib/alarm-row.ts';
import { email, text } from '../../lib/option-types.ts';
import { addAlarm } from './add-alarm.ts';
import { type AlarmTableProps, alarmTable, alarmTableOptions } from './alarm-table.ts';
import { type AlarmTopics, createAlarmTopics } from './alarm-topics.ts';

export const monitoringOptions = alarmTableOptions.extend({
  toolMetrics: z
    .boolean()
    .default(false)
    .describe(
      'Whether CloudWatch has metrics of the calls, refusals and durations of each tool, on the dashboard. A tool has up to ' +
        'seven metrics, one for each outcome that occurred, at 0.30 USD a month each; the stage has at most 30 tools then. Without ' +
        'them, the saved queries of the audit log count calls by tool.',
    ),
  email: email().optional().meta({
    description:
      'E-mail address that is notified of every alarm, after it confirmed two subscriptions: pages and tickets.',
    absent: 'none; subscribe to the topics',
  }),
  pagerEmail: email().optional().meta({
    description:
      'E-mail address that is also notified of high-severity alarms, such as the address of a pager.',
    absent: 'none',
  }),
  runbookUrl: text(/^https?:\/\/[^\s#]{1,500}$/, 'a URL without an anchor')
    .optional()
    .meta({
      description:
        'URL of the runbook, such as `https://wiki.example.com/mcp/runbook`; each alarm adds its anchor.',
      absent: 'alarms name their section of RUNBOOK.md',
    }),
});

export interface MonitoringProps extends z.output<typeof monitoringOptions>, AlarmTableProps {}

/** Alarms with notifications by severity, each with a section of its name in the runbook. */
export class Monitoring extends Construct {
  readonly topics: AlarmTopics;
  readonly alarms: Readonly<Record<Severity, Alarm[]>> = { high: [], medium: [], low: [] };

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topics = createAlarmTopics(this, props);
    const rollback: string[] = [];
    for (const [name, row] of Object.entries(alarmTable(props))) {
      const alarm = addAlarm(this, name, row, { topics: this.topics, runbookUrl: props.runbookUrl });
      this.alarms[row.severity].push(alarm);
      if (row.rollback) {
        rollback.push(`${Stack.of(this).stackName}-${name}`);
        // The name is a plain string; ECS refuses a deployment alarm that does not exist yet.
        props.service.node.addDependency(alarm);
      }
    }
    props.service.enableDeploymentAlarms(rollback, { behavior: AlarmBehavior.ROLLBACK_ON_ALARM });
  }
}
