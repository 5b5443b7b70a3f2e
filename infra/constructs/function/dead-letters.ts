import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Stack } from 'aws-cdk-lib/core';
import type { BundledFunction } from './bundled-function.ts';

/**
 * Sends each event that came to nothing to a topic: its run failed, or there was no capacity for one within the hour,
 * which no count of failed runs shows. Events come from EventBridge and hold no secret. Who waits for an answer, as
 * Secrets Manager and a person do, is told by that.
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
