import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { denyCreateGrant } from '../../lib/deny-create-grant.ts';

export interface AlarmTopicsProps {
  readonly email?: string | undefined;
  readonly pagerEmail?: string | undefined;
}

/** Topics of the alarms: one for the pager, one for mail and tickets. */
export interface AlarmTopics {
  /** Topic of high-severity alarms only. */
  readonly pages: Topic;
  /** Topic of medium- and low-severity alarms. */
  readonly tickets: Topic;
}

/** Two topics that only alarms of this account can publish to, over TLS, encrypted with one key. */
export function createAlarmTopics(scope: Construct, { email, pagerEmail }: AlarmTopicsProps): AlarmTopics {
  const stack = Stack.of(scope);
  const fromAlarms = {
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  };
  // Nothing is stored under this key, so it is not retained. A separate key, about 1 USD a month: CloudWatch may use
  // it, and must not use those of logs and secrets.
  const masterKey = new Key(scope, 'TopicKey', {
    description: `${stack.stackName}: alarm notifications`,
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The actions are those of the SNS developer guide ("Key management", event sources from AWS services). CloudWatch sends
  // the account with its requests to KMS too: AWS's Modern Data Architecture Accelerator has the same condition and says
  // that only EventBridge does not (grantCloudWatchAlarmsTopicAccess of @aws-mdaa/cloudwatch-constructs).
  masterKey.addToResourcePolicy(
    new PolicyStatement({
      ...fromAlarms,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
  denyCreateGrant(masterKey);
  const topic = (id: string, of: string, addresses: readonly (string | undefined)[]) => {
    // The display name is the sender of a mail, whose subject does not show the severity.
    const displayName = `${stack.stackName} ${of}`;
    const created = new Topic(scope, id, { displayName, masterKey, enforceSSL: true });
    created.addToResourcePolicy(
      new PolicyStatement({ ...fromAlarms, actions: ['sns:Publish'], resources: [created.topicArn] }),
    );
    for (const address of new Set(addresses)) {
      if (address !== undefined) created.addSubscription(new EmailSubscription(address));
    }
    return created;
  };
  return {
    pages: topic('PageTopic', 'pages', [email, pagerEmail]),
    tickets: topic('TicketTopic', 'tickets', [email]),
  };
}
