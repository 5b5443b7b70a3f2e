import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { stages } from './stages.ts';
import { resources, stack, stageNames, template } from './synthesize.ts';

describe('access logs', () => {
  test.each(stageNames)('the log bucket of %s is private, encrypted, versioned and stays', (name) => {
    template(stages[name]).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketName: Match.absent(),
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 365 })]) },
      },
    });
  });

  test('is read and written over TLS 1.2 or better only', () => {
    template(stages.prod).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      },
    });
  });

  test('tell who touched the bucket itself, which this account alone lets S3 write', () => {
    const [[id, bucket] = ['', undefined]] = Object.entries(
      resources(template(stages.prod), 'AWS::S3::Bucket'),
    );
    expect(bucket?.Properties.LoggingConfiguration).toEqual({ LogFilePrefix: 'bucket/access-logs/' });
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    template(stages.prod).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: 's3:PutObject',
            Principal: { Service: 'logging.s3.amazonaws.com' },
            Resource: { 'Fn::Join': ['', [arn, '/bucket/access-logs/*']] },
            Condition: {
              ArnLike: { 'aws:SourceArn': arn },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          },
        ]),
      },
    });
  });

  test('fails when retentionDays is out of bounds', () => {
    expect(() => stack({ ...stages.dev, accessLogs: { retentionDays: 0 } })).toThrow(
      'retentionDays must be a whole number from 1 to 3650, got 0',
    );
  });
});
