import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Stack } from 'aws-cdk-lib/core';

/**
 * Logs requests, connections with their TLS handshakes, and why a task became unhealthy. AWS delivers these logs on a
 * best-effort basis; the complete record of the requests to `/mcp` is the audit log.
 */
export function enableAccessLogs(bucket: IBucket, loadBalancer: ApplicationLoadBalancer): void {
  loadBalancer.logAccessLogs(bucket, 'access');
  loadBalancer.logConnectionLogs(bucket, 'connection');

  // The CDK has no method for these yet.
  loadBalancer.setAttribute('health_check_logs.s3.enabled', 'true');
  loadBalancer.setAttribute('health_check_logs.s3.bucket', bucket.bucketName);
  loadBalancer.setAttribute('health_check_logs.s3.prefix', 'health-check');
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`health-check/AWSLogs/${Stack.of(loadBalancer).account}/*`)],
    }),
  );
}
