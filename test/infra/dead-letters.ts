import type { Template } from 'aws-cdk-lib/assertions';
import { resources } from './templates.ts';

/** A function's permission besides its task: to publish a failed event to its dead letter topic. */
export function deadLetterStatements(of: Template, functionId: string): unknown[] {
  const topic = resources(of, 'AWS::Lambda::Function')[functionId]?.Properties.DeadLetterConfig.TargetArn;
  return [
    { Sid: 'SendDeadLetters', Effect: 'Allow', Action: 'sns:Publish', Resource: topic },
    {
      Sid: 'EncryptDeadLetters',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: resources(of, 'AWS::SNS::Topic')[topic.Ref]?.Properties.KmsMasterKeyId,
      Condition: { StringEquals: { 'kms:ViaService': 'sns.us-east-1.amazonaws.com' } },
    },
  ];
}
