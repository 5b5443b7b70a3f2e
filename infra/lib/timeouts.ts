import { Duration } from 'aws-cdk-lib/core';

/**
 * How long the load balancer and ECS wait. The service's figures (service/serve/timeouts.ts) stand around them, and
 * test/contract/timeouts.test.ts holds the order:
 *
 * longest tool (50 s) < load balancer idle < service keep-alive (75 s): a slow call is answered before the load balancer
 * gives it up (504), and no request is sent into a connection that the service is closing (502).
 *
 * service drain (25 s) ≤ deregistration delay < stop timeout: what a task has accepted it may finish.
 */
export const TIMEOUTS = {
  loadBalancerIdle: Duration.seconds(60),
  /**
   * Age at which a client's connection is closed between two requests. By then a shifted zone, a certificate taken
   * back, a range no longer allowed is true for it too.
   */
  clientKeepAlive: Duration.minutes(10),
  deregistrationDelay: Duration.seconds(30),
  /** From SIGTERM to SIGKILL; ECS takes 120 s at most. */
  stop: Duration.seconds(40),
} as const;
