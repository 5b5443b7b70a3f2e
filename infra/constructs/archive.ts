import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { CfnSubscriptionFilter, type ILogGroup, LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { acknowledge } from '../lib/acknowledge.ts';
import { denyCreateGrant } from '../lib/deny-create-grant.ts';
import { wholeNumber, YEAR_DAYS } from '../lib/option-types.ts';
import { ServiceRole } from '../lib/service-role.ts';

export const archiveOptions = z.strictObject({
  lockDays: wholeNumber(1, 3650).describe(
    'Days during which no one, including the account root user, can change or delete an archived record (S3 Object Lock in ' +
      'compliance mode); 365 or more in a stage with `terminationProtection`. It cannot be shortened for records that ' +
      'are already written.',
  ),
});

export interface ArchiveProps extends z.output<typeof archiveOptions> {
  readonly logGroup: ILogGroup;
  /** Bucket for the archive's access logs. */
  readonly accessLogs: IBucket;
  /** Encrypts the log of failed deliveries. */
  readonly logKey: IKey;
}

/**
 * CloudWatch Logs wraps and compresses batches of lines. The archive contains plain lines, so that the audit chain can
 * be verified in it.
 */
const PROCESSORS = [
  { type: 'Decompression', parameters: [{ parameterName: 'CompressionFormat', parameterValue: 'GZIP' }] },
  {
    type: 'CloudWatchLogProcessing',
    parameters: [{ parameterName: 'DataMessageExtraction', parameterValue: 'true' }],
  },
  { type: 'AppendDelimiterToRecord', parameters: [{ parameterName: 'Delimiter', parameterValue: '\\n' }] },
];

/** An immutable second copy of the audit log, with its own key. Retained when the stack is deleted. */
export class Archive extends Construct {
  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const key = new Key(this, 'Key', {
      description: `${Stack.of(this).stackName}: archive of the audit log`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    denyCreateGrant(key);
    const bucket = this.lockedBucket(key, props);
    const errors = new LogGroup(this, 'Errors', {
      encryptionKey: props.logKey,
      retention: YEAR_DAYS,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const stream = this.deliveryStream(bucket, key, errors);
    const role = new ServiceRole(this, 'SubscriptionRole', {
      service: 'logs.amazonaws.com',
      description: 'Forwards audit records from the log',
      sourceArn: Stack.of(this).formatArn({ service: 'logs', resource: '*' }),
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['firehose:PutRecordBatch'], resources: [stream.attrArn] }),
    );
    new CfnSubscriptionFilter(this, 'Subscription', {
      logGroupName: props.logGroup.logGroupName,
      filterPattern: '{ $.type = "audit" }',
      destinationArn: stream.attrArn,
      roleArn: role.roleArn,
    }).node.addDependency(role);
  }

  private lockedBucket(encryptionKey: IKey, { lockDays, accessLogs }: ArchiveProps): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'bucket/archive/',
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(lockDays)),
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      bucket,
      'S3BucketReplicationEnabled',
      'This is the second copy of the audit log; a third in another region is up to the account',
    );
    return bucket;
  }

  private deliveryStream(bucket: Bucket, key: IKey, errors: LogGroup): CfnDeliveryStream {
    const log = new LogStream(this, 'ErrorStream', {
      logGroup: errors,
      logStreamName: 'delivery',
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const prefixes = ['audit/*', 'failed/*'];
    const role = new ServiceRole(this, 'DeliveryRole', {
      service: 'firehose.amazonaws.com',
      description: 'Writes audit records into the archive',
    });
    const statements = [
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      }),
      new PolicyStatement({
        // Write-once: there is no permission to read, let alone to delete.
        actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
        resources: prefixes.map((prefix) => bucket.arnForObjects(prefix)),
      }),
      new PolicyStatement({
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` } },
      }),
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [errors.logGroupArn] }),
    ];
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    const stream = new CfnDeliveryStream(this, 'Stream', {
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'CUSTOMER_MANAGED_CMK', keyArn: key.keyArn },
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: 'audit/!{timestamp:yyyy/MM/dd/HH}/',
        errorOutputPrefix: 'failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/',
        bufferingHints: { intervalInSeconds: 60, sizeInMBs: 5 },
        compressionFormat: 'GZIP',
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: key.keyArn } },
        processingConfiguration: { enabled: true, processors: PROCESSORS },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: errors.logGroupName,
          logStreamName: log.logStreamName,
        },
      },
    });
    stream.node.addDependency(role);
    const bucketId = Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket);
    for (const prefix of prefixes) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}]`,
        reason:
          'Object names contain the hour of the write; the role can write objects, but neither read nor delete them',
      });
    }
    return stream;
  }
}
