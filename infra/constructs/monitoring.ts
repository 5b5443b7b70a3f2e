import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AlarmBehavior } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type AlarmTableOptions, type AlarmTableProps, alarmTable } from '../lib/alarm-table.ts';
import { closeGrants } from '../lib/close-grants.ts';
import { assertMatches } from '../lib/validation.ts';

export interface MonitoringOptions extends AlarmTableOptions {
  /** Address that alarms are mailed to, after it confirmed the subscription. @default - nobody; subscribe to the topic */
  readonly email?: string;
  /**
   * Address of the runbook, such as `https://wiki.example.com/mcp/runbook`; each alarm adds its anchor.
   *
   * @default - alarms name their article of RUNBOOK.md
   */
  readonly runbookUrl?: string;
}

export interface MonitoringProps extends MonitoringOptions, AlarmTableProps {}

/** Alarms that reach somebody, each with an article of its name in the runbook. */
export class Monitoring extends Construct {
  /** Where they go. */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    if (props.email !== undefined) {
      assertMatches('monitoring.email', props.email, /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address');
    }
    if (props.runbookUrl !== undefined) {
      assertMatches(
        'monitoring.runbookUrl',
        props.runbookUrl,
        /^https?:\/\/[^\s#]+$/,
        'a URL without an anchor',
      );
    }

    const topic = this.encryptedTopic();
    this.topic = topic;
    if (props.email !== undefined) topic.addSubscription(new EmailSubscription(props.email));

    const rollback: string[] = [];
    for (const [name, row] of Object.entries(alarmTable(props))) {
      const article = props.runbookUrl
        ? `${props.runbookUrl}#${name.toLowerCase()}`
        : `${name} in RUNBOOK.md`;
      const alarmName = `${Stack.of(this).stackName}-${name}`;
      const alarm = new Alarm(this, name, {
        alarmName,
        alarmDescription: `${row.what}. Runbook: ${article}`,
        metric: row.metric,
        threshold: row.threshold,
        evaluationPeriods: row.periods ?? 1,
        comparisonOperator: row.below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: row.below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      if (row.rollback) {
        rollback.push(alarmName);
        // The name is a plain string; ECS refuses a deployment alarm that does not exist yet.
        props.service.node.addDependency(alarm);
      }
    }
    props.service.enableDeploymentAlarms(rollback, { behavior: AlarmBehavior.ROLLBACK_ON_ALARM });
  }

  private encryptedTopic(): Topic {
    const stack = Stack.of(this);
    const fromAlarms = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    };
    // Nothing is stored under this key, so nothing is lost with it.
    const key = new Key(this, 'TopicKey', {
      description: `${stack.stackName}: alarm notifications`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        ...fromAlarms,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    closeGrants(key);
    const topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({ ...fromAlarms, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
    return topic;
  }
}
