import type { Template } from 'aws-cdk-lib/assertions';
import { resources } from './templates.ts';

/** What a function may do besides its task: tell the topic of its dead letters of an event that came to nothing. */
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
