import { Duration } from 'aws-cdk-lib/core';

/**
 * Timeouts of the load balancer and ECS. They interlock with the service's (service/serve/timeouts.ts);
 * test/contract/timeouts.test.ts checks the order:
 *
 * longest tool (50 s) < load balancer idle < service keep-alive (75 s): a slow call gets its response before the load
 * balancer gives up (504), and no request is sent on a connection that the service is closing (502).
 *
 * service drain (25 s) ≤ deregistration delay < stop timeout: a task can finish every request that it has accepted.
 */
export const TIMEOUTS = {
  loadBalancerIdle: Duration.seconds(60),
  /**
   * Age at which a client's connection is closed between two requests. After this, a zonal shift, a revoked certificate
   * or a removed IP range also affects existing connections.
   */
  clientKeepAlive: Duration.minutes(10),
  deregistrationDelay: Duration.seconds(30),
  /** From SIGTERM to SIGKILL; ECS allows at most 120 s. */
  stop: Duration.seconds(40),
} as const;
