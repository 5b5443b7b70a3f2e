/** `infra/extensions.ts` of a fork with a queue, a table and a bucket, whose findings it acknowledges. */
export const EXTENSIONS = `import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { acknowledge } from './acknowledge.ts';
import { denyCreateGrant } from './lib/deny-create-grant.ts';
import type { StackParts } from './stack-parts.ts';

export function extend({ scope, taskRole, accessLogs, find }: StackParts): void {
  const encryptionKey = new Key(scope, 'Key', { enableKeyRotation: true });
  denyCreateGrant(encryptionKey);
  const jobs = new Queue(scope, 'Jobs', { enforceSSL: true });
  jobs.grantSendMessages(taskRole);
  const orders = new Table(scope, 'Orders', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
  orders.grant(taskRole, 'dynamodb:Query');
  const files = new Bucket(scope, 'Files', {
    encryptionKey,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix: 'files',
  });
  taskRole.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [files.arnForObjects('public/*')] }),
  );
  acknowledge(jobs, 'AwsSolutions-SQS3', 'A job that fails is logged by its consumer and may be lost.');
  acknowledge(
    orders,
    ['NIST.800.53.R5-DynamoDBInBackupPlan', 'HIPAA.Security-DynamoDBInBackupPlan'],
    'The table is a cache of another system, which has the backups.',
  );
  acknowledge(
    files,
    [
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      'PCI.DSS.321-S3BucketReplicationEnabled',
      'HIPAA.Security-S3BucketReplicationEnabled',
    ],
    'The files are copies of another system, which has the originals.',
  );
  acknowledge(
    find('Task/TaskRole/Permissions'),
    'AwsSolutions-IAM5[Resource::<ExtensionsFilesEC934090.Arn>/public/*]',
    'A tool may read any public file.',
  );
}
`;
