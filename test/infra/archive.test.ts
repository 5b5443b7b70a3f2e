import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, resources, stack, template } from './synthesize.ts';

const archived = template(combinations.archive);

describe('the archive of the audit log', () => {
  test('is a bucket that cannot be emptied early, and that outlives the stack', () => {
    archived.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ArchiveKey'), 'Arn'] },
              },
            },
          ],
        },
      },
    });
  });

  test('has every access written down beside those to the load balancer', () => {
    archived.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      LoggingConfiguration: {
        DestinationBucketName: { Ref: Match.stringLikeRegexp('^AccessLogs') },
        LogFilePrefix: 'bucket/archive/',
      },
    });
  });

  test('takes every audit record as its line, and no operational one', () => {
    archived.hasResourceProperties('AWS::Logs::SubscriptionFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('^AuditLog') },
      FilterPattern: '{ $.type = "audit" }',
      DestinationArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ArchiveStream'), 'Arn'] },
    });
    const { ExtendedS3DestinationConfiguration: destination } = only(
      archived,
      'AWS::KinesisFirehose::DeliveryStream',
    ).Properties;
    expect(destination.ProcessingConfiguration.Enabled).toBe(true);
    const processors = destination.ProcessingConfiguration.Processors;
    expect(processors.map(({ Type }: { Type: string }) => Type)).toEqual([
      'Decompression',
      'CloudWatchLogProcessing',
      'AppendDelimiterToRecord',
    ]);
    expect(destination.CompressionFormat).toBe('GZIP');
  });

  /** The policy of a role of the archive. */
  const permissionsOf = (role: string) =>
    all(archived, 'AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => Properties.Roles[0].Ref.startsWith(role))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const keyArn = { 'Fn::GetAtt': [expect.stringMatching(/^ArchiveKey/), 'Arn'] };
  const bucketArn = { 'Fn::GetAtt': [expect.stringMatching(/^ArchiveBucket/), 'Arn'] };

  test('is fed by a role that may write to the stream, and use its key there alone', () => {
    expect(permissionsOf('ArchiveSubscriptionRole')).toEqual([
      {
        Sid: 'WriteToStream',
        Effect: 'Allow',
        Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
        Resource: {
          'Fn::Join': [
            '',
            ['arn:aws:firehose:us-east-1:', { Ref: 'AWS::AccountId' }, ':deliverystream/Mcp-test-archive'],
          ],
        },
      },
      {
        Sid: 'EncryptInStream',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: keyArn,
        Condition: { StringEquals: { 'kms:ViaService': 'firehose.us-east-1.amazonaws.com' } },
      },
    ]);
    expect(only(archived, 'AWS::KinesisFirehose::DeliveryStream').Properties.DeliveryStreamName).toBe(
      'Mcp-test-archive',
    );
  });

  test('is fed by a role that exists well before the test record of the subscription', () => {
    const [policy] = Object.keys(resources(archived, 'AWS::IAM::ManagedPolicy')).filter((id) =>
      id.startsWith('ArchiveSubscriptionRole'),
    );
    const dependencies = (type: string) =>
      Object.values(resources(archived, type)).flatMap((found) => found.DependsOn);
    expect(dependencies('AWS::KinesisFirehose::DeliveryStream')).toContain(policy);
    expect(dependencies('AWS::Logs::SubscriptionFilter')).toContain(policy);
  });

  test('is written by a role that can do what AWS documents, and neither delete nor unlock', () => {
    const objects = ['/audit/*', '/failed/*'].map((prefix) => ({ 'Fn::Join': ['', [bucketArn, prefix]] }));
    expect(permissionsOf('ArchiveDeliveryRole')).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: bucketArn,
      },
      {
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        Resource: objects,
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: keyArn,
        Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      },
      {
        Effect: 'Allow',
        Action: 'logs:PutLogEvents',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^ArchiveErrors/), 'Arn'] },
      },
    ]);
  });

  test('raises an alarm when records do not reach it, or reach it late', () => {
    const forwarding = [
      { Name: 'DestinationType', Value: 'Firehose' },
      { Name: 'FilterName', Value: 'Mcp-test-archive' },
      { Name: 'LogGroupName', Value: { Ref: expect.stringMatching(/^AuditLog/) } },
    ];
    expect(only(archived, 'AWS::Logs::SubscriptionFilter').Properties.FilterName).toBe('Mcp-test-archive');
    const streamName = [
      { Name: 'DeliveryStreamName', Value: { Ref: expect.stringMatching(/^ArchiveStream/) } },
    ];
    const alarms = Object.fromEntries(
      all(archived, 'AWS::CloudWatch::Alarm').map(({ Properties }) => [Properties.AlarmName, Properties]),
    );
    expect(alarms['Mcp-test-ArchiveForwardingFailed'].Dimensions).toEqual(forwarding);
    expect(alarms['Mcp-test-ArchiveForwardingThrottled'].Dimensions).toEqual(forwarding);
    expect(alarms['Mcp-test-ArchiveDelayed'].Dimensions).toEqual(streamName);
    archived.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('^ArchiveErrors') },
      FilterPattern: '',
      MetricTransformations: [Match.objectLike({ MetricName: 'ArchiveWriteFailed', MetricValue: '1' })],
    });
  });

  test('fails in a stack whose name is too long for a delivery stream', () => {
    expect(() => stack(combinations.archive, 'Mcp-'.padEnd(57, 'x'))).toThrow(
      /^the name of a stack with archive must have at most 56 characters/,
    );
  });

  test('is there only where it is asked for', () => {
    template(stages.prod).resourceCountIs('AWS::KinesisFirehose::DeliveryStream', 0);
    template(stages.prod).resourceCountIs('AWS::S3::Bucket', 1);
  });

  test.each([0, 3651, 1.5])('fails when lockDays is %d', (lockDays) => {
    expect(() => stack({ ...stages.dev, archive: { lockDays } })).toThrow(
      `archive.lockDays must be a whole number from 1 to 3650, got ${lockDays}`,
    );
  });
});

describe('the budget', () => {
  test('mails at 80 % spent and when more than all of it is forecast, for this stack alone', () => {
    const { Budget, NotificationsWithSubscribers } = only(archived, 'AWS::Budgets::Budget').Properties;
    expect(Budget).toMatchObject({
      BudgetLimit: { Amount: 200, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['aws:cloudformation:stack-name$Mcp-test'] },
    });
    expect(
      NotificationsWithSubscribers.map(
        // biome-ignore lint/suspicious/noExplicitAny: a template has no types
        ({ Notification, Subscribers }: any) => [
          Notification.NotificationType,
          Notification.Threshold,
          Subscribers[0].Address,
        ],
      ),
    ).toEqual([
      ['ACTUAL', 80, 'finance@example.com'],
      ['FORECASTED', 100, 'finance@example.com'],
    ]);
  });

  test('has another name for another address, because CloudFormation makes the new one first', () => {
    const name = (email: string) =>
      only(template({ ...stages.dev, budget: { monthlyUsd: 200, email } }), 'AWS::Budgets::Budget').Properties
        .Budget.BudgetName;
    expect(name('finance@example.com')).toBe(
      only(archived, 'AWS::Budgets::Budget').Properties.Budget.BudgetName,
    );
    expect(name('other@example.com')).toMatch(/^Mcp-test-[0-9a-f]{8}$/);
    expect(name('other@example.com')).not.toBe(name('finance@example.com'));
  });

  test.each([
    [{ monthlyUsd: 0, email: 'a@b.example' }, 'budget.monthlyUsd must be a whole number from 1 to 1000000'],
    [{ monthlyUsd: 10, email: 'me' }, 'budget.email must be an e-mail address, got "me"'],
  ])('fails on %j', (budget, message) => {
    expect(() => stack({ ...stages.dev, budget })).toThrow(message);
  });
});
