import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Stack } from 'aws-cdk-lib/core';
import type { IDependable } from 'constructs';

/**
 * Allows AWS's log delivery, for this account only, to write to a group, with the statement of the CloudWatch Logs user
 * guide ("Logs sent to CloudWatch Logs"). @returns the resource that must exist before
 * the delivery
 */
export function allowLogDelivery(logGroup: LogGroup): IDependable | undefined {
  const stack = Stack.of(logGroup);
  return logGroup.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'logs', resource: '*' }) },
      },
    }),
  ).policyDependable;
}
