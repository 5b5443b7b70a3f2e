import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import {
  CfnSubscriptionFilter,
  FilterPattern,
  type ILogGroup,
  LogGroup,
  LogStream,
} from 'aws-cdk-lib/aws-logs';
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
import { countLines } from '../lib/count-lines.ts';
import { denyCreateGrant } from '../lib/deny-create-grant.ts';
import { OptionError } from '../lib/option-error.ts';
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

/** Metrics of the archive that need an alarm. */
export interface ArchiveMetrics {
  /** Records that CloudWatch Logs could not deliver. It does not retry if access is denied. */
  readonly forwardingFailed: IMetric;
  /** Records that CloudWatch Logs delivers late; it retries for 24 hours. */
  readonly forwardingThrottled: IMetric;
  /** Age in seconds of the oldest record that Firehose has received and not written to the bucket yet. */
  readonly delay: IMetric;
  /** Lines of Firehose about records that it could not write, or not as plain lines. */
  readonly writeFailed: IMetric;
}

/** Longest name of a delivery stream. */
const MAX_STREAM_NAME = 64;

/** An immutable second copy of the audit log, with its own key. Retained when the stack is deleted. */
export class Archive extends Construct {
  readonly metrics: ArchiveMetrics;

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
    const streamName = this.streamName();
    const role = this.subscriptionRole(streamName, key);
    const stream = this.deliveryStream(streamName, bucket, key, errors);
    // Creating the filter sends a test record. IAM needs seconds to know a new policy, and a stream takes longer.
    stream.node.addDependency(role);
    const subscription = new CfnSubscriptionFilter(this, 'Subscription', {
      filterName: streamName,
      logGroupName: props.logGroup.logGroupName,
      filterPattern: '{ $.type = "audit" }',
      destinationArn: stream.attrArn,
      roleArn: role.roleArn,
    });
    subscription.node.addDependency(role);
    this.metrics = this.createMetrics(streamName, props.logGroup, stream, errors);
  }

  /** The stream's name is known before it exists, so that the role that writes to it can be created first. */
  private streamName(): string {
    const { stackName } = Stack.of(this);
    const name = `${stackName}-archive`;
    if (name.length <= MAX_STREAM_NAME) return name;
    const most = MAX_STREAM_NAME - '-archive'.length;
    throw new OptionError(
      `the name of a stack with archive must have at most ${most} characters, because a delivery stream's has ${MAX_STREAM_NAME}; got ${JSON.stringify(stackName)}`,
    );
  }

  /** The role with which CloudWatch Logs writes to the stream. */
  private subscriptionRole(streamName: string, key: Key): ServiceRole {
    const stack = Stack.of(this);
    const role = new ServiceRole(this, 'SubscriptionRole', {
      service: 'logs.amazonaws.com',
      description: 'Forwards audit records from the log',
      sourceArn: stack.formatArn({ service: 'logs', resource: '*' }),
    });
    const statements = [
      // PutRecord: AWS's example of this role (CloudWatch Logs user guide, SubscriptionFilters). PutRecordBatch:
      // CDK's grantPutRecords allows both.
      new PolicyStatement({
        sid: 'WriteToStream',
        actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
        resources: [
          stack.formatArn({ service: 'firehose', resource: 'deliverystream', resourceName: streamName }),
        ],
      }),
      // Since 2026-04-20 Firehose requires both of the caller when a customer-managed key encrypts the stream (AWS's
      // notice, quoted in github.com/ministryofjustice/modernisation-platform/issues/12957). The condition is that of
      // AWS's own WAFLoggingServiceRolePolicy.
      new PolicyStatement({
        sid: 'EncryptInStream',
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `firehose.${stack.region}.amazonaws.com` } },
      }),
    ];
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    return role;
  }

  private createMetrics(
    FilterName: string,
    { logGroupName }: ILogGroup,
    stream: CfnDeliveryStream,
    errors: ILogGroup,
  ): ArchiveMetrics {
    const period = Duration.minutes(5);
    // The dimensions of CloudWatch Logs' usage metrics. The filter's name is a string, because the filter's identifier in
    // CloudFormation has the log group's name as well, and Ref may return both. AWS documents no value of DestinationType:
    // we found no page with the one of a delivery stream.
    const forwarding = {
      namespace: 'AWS/Logs',
      dimensionsMap: { LogGroupName: logGroupName, DestinationType: 'Firehose', FilterName },
      statistic: Stats.SUM,
      period,
    };
    // Firehose writes here only when something failed.
    const all = FilterPattern.allEvents();
    return {
      forwardingFailed: new Metric({ ...forwarding, metricName: 'DeliveryErrors' }),
      forwardingThrottled: new Metric({ ...forwarding, metricName: 'DeliveryThrottling' }),
      delay: new Metric({
        namespace: 'AWS/Firehose',
        metricName: 'DeliveryToS3.DataFreshness',
        dimensionsMap: { DeliveryStreamName: stream.ref },
        statistic: Stats.MAXIMUM,
        period,
      }),
      writeFailed: countLines(this, errors, 'ArchiveWriteFailed', all, { id: 'WriteFailed', period }),
    };
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

  private deliveryStream(name: string, bucket: Bucket, key: IKey, errors: LogGroup): CfnDeliveryStream {
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
    // AWS's policy for this destination (Firehose developer guide, "Grant Firehose access to an Amazon S3 destination").
    const statements = [
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      }),
      new PolicyStatement({
        actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
        resources: prefixes.map((prefix) => bucket.arnForObjects(prefix)),
      }),
      // For the objects. The stream's own encryption needs nothing here: Firehose uses a grant on the key, which
      // CloudFormation's role lets it create (DeliveryStreamEncryptionConfigurationInput in its API reference). The guide
      // also conditions the encryption context; with a bucket key that is the bucket's ARN, not the object's.
      new PolicyStatement({
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` } },
      }),
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [errors.logGroupArn] }),
    ];
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    const stream = new CfnDeliveryStream(this, 'Stream', {
      deliveryStreamName: name,
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
          'Object names contain the hour of the write; only Firehose has the role, which can neither delete nor unlock',
      });
    }
    return stream;
  }
}
