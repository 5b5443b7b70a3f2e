import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/**
 * Counts the new values of the access list, as Secrets Manager reports them: also those that no task has read.
 *
 * The event is one of Secrets Manager itself, which needs no trail of CloudTrail (Secrets Manager user guide, "Secret event
 * notifications"). The rule has no target, because EventBridge can publish to an encrypted topic only if the policies of
 * the topic and of its key bind it to no account (EventBridge user guide, "Using resource-based policies"; SNS developer
 * guide, "Key management"). EventBridge counts the events that match a rule in CloudWatch, with or without a target
 * (EventBridge user guide, "Monitoring" and "IAM policy conditions"), and an alarm reads that count.
 */
export function accessListWrites(scope: Construct, accessList: ISecret): IMetric {
  const rule = new Rule(scope, 'AccessListWrites', {
    description: 'The access list has a new value',
    eventPattern: {
      source: ['aws.secretsmanager'],
      detailType: ['Secret Label Updated'],
      resources: [accessList.secretArn],
      detail: { labelUpdated: ['AWSCURRENT'] },
    },
  });
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'MatchedEvents',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });
}
