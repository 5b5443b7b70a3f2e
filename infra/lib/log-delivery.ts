import { PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { ArnFormat, Aws, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

export interface DeliveredLogGroupProps {
  /** Beginning of the name; WAF requires `aws-waf-logs-`. */
  readonly prefix: string;
  readonly logKey: IKey;
  /** Days the logs are kept. */
  readonly retentionDays: number;
}

/**
 * Creates a log group that AWS's log delivery, for this account only, may write to: WAF and Route 53 Resolver log
 * through it.
 *
 * The permission is a policy of the log group. `AWS::Logs::ResourcePolicy` would be one of the ten policies that an
 * account has in a region, a quota that cannot be raised. AWS's own set-up of a delivery also writes a policy of the
 * log group, in the same form (CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs", V1 permissions, 2026). A log
 * group has one such policy of at most 51,200 bytes.
 *
 * The name must be known here, because a policy cannot refer to the log group that it is part of. Its suffix is new with
 * every stack: the group is retained when a stack is deleted.
 */
export function createDeliveredLogGroup(scope: Construct, props: DeliveredLogGroupProps): LogGroup {
  const stack = Stack.of(scope);
  const logGroupName = `${props.prefix}${stack.stackName}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
  const logGroup = new LogGroup(scope, 'LogGroup', {
    logGroupName,
    encryptionKey: props.logKey,
    retention: props.retentionDays,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const delivery = new PolicyStatement({
    principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [
      stack.formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName: `${logGroupName}:log-stream:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'logs', resource: '*' }) },
    },
  });
  (logGroup.node.defaultChild as CfnLogGroup).resourcePolicyDocument = new PolicyDocument({
    statements: [delivery],
  });
  return logGroup;
}
