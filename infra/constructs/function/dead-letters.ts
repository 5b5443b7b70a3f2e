import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Stack } from 'aws-cdk-lib/core';
import type { BundledFunction } from './bundled-function.ts';

/**
 * Publishes failed events to a topic: the run failed, or there was no concurrency for one within the hour, which no
 * count of failed runs shows. Events come from EventBridge and contain no secret. Synchronous callers, such as Secrets
 * Manager and the AWS CLI, get the error as the response.
 *
 * The permissions are those of the Lambda developer guide ("Adding a dead-letter queue") and, for an encrypted topic, of
 * the SNS developer guide ("Key management", for publishers).
 */
export function addDeadLetterTopic({ lambda, role }: BundledFunction, topic: Topic): void {
  (lambda.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: topic.topicArn };
  role.addToPrincipalPolicy(
    new PolicyStatement({ sid: 'SendDeadLetters', actions: ['sns:Publish'], resources: [topic.topicArn] }),
  );
  if (topic.masterKey === undefined) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'EncryptDeadLetters',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [topic.masterKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `sns.${Stack.of(role).region}.amazonaws.com` } },
    }),
  );
}
