import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { acknowledge } from '../lib/acknowledge.ts';
import { wholeNumber, YEAR_DAYS } from '../lib/option-types.ts';

export const accessLogsOptions = z.strictObject({
  retentionDays: wholeNumber(1, 3650)
    .default(YEAR_DAYS)
    .describe('Days the logs of the load balancer and of access to buckets are kept.'),
});

/**
 * The bucket of all access logs: the load balancer's, and S3's for every bucket of the stack. Retained when the stack
 * is deleted.
 */
export class AccessLogs extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { retentionDays }: z.output<typeof accessLogsOptions>) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Resource', {
      // The load balancer can deliver to SSE-S3 only, not to a customer-managed key.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      // These logs show who reads or deletes objects. The bucket logs access to itself, in one small file per many
      // requests; a second bucket for that would need a third.
      serverAccessLogsPrefix: 'bucket/access-logs/',
      lifecycleRules: [
        {
          expiration: Duration.days(retentionDays),
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
      // Applies to a failed first deployment too: logs that the load balancer has written prevent the bucket's
      // deletion.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.bucket,
      'S3BucketReplicationEnabled',
      'Access logs concern one region and stay in it; the audit trail is in the audit log, not here',
    );
    acknowledge(
      this.bucket,
      'S3DefaultEncryptionKMS',
      'The load balancer delivers to buckets with SSE-S3 only; with a customer-managed key no log would arrive',
    );
  }
}
