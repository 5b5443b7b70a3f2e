import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Duration, Stack } from 'aws-cdk-lib/core';
import * as z from 'zod';
import type { AlarmRow } from '../../lib/alarm-row.ts';
import { wholeNumber } from '../../lib/option-types.ts';
import { type ArchiveAlarmsProps, archiveAlarms } from './archive-alarms.ts';
import { type FunctionAlarmsProps, functionAlarms } from './function-alarms.ts';

export const alarmTableOptions = z.strictObject({
  latencyP99Ms: wholeNumber(100, 60_000)
    .default(20_000)
    .describe(
      '99th percentile of the duration of a request, in milliseconds, at which HighLatency is raised.',
    ),
  deniedCallsPer5Min: wholeNumber(1, 1_000_000)
    .default(50)
    .describe('Refusals in 5 minutes that look like guessing or a broken client.'),
  blockedRequestsPer5Min: wholeNumber(1, 100_000_000)
    .default(1000)
    .describe('Requests the firewall blocks in 5 minutes that look like an attack.'),
});

export interface AlarmTableProps
  extends z.output<typeof alarmTableOptions>,
    FunctionAlarmsProps,
    ArchiveAlarmsProps {
  readonly service: FargateService;
  readonly minTasks: number;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly webAclMetricName: string;
  readonly logMetrics: Readonly<
    Record<
      'denied' | 'rateLimited' | 'failed' | 'secretRefreshFailed' | 'accessListChanged' | 'auditBackpressure',
      IMetric
    >
  > & {
    readonly issuerKeysFailed?: IMetric;
    readonly limitStoreDown?: IMetric;
    readonly toolChanged?: IMetric;
    readonly serverUnavailable?: IMetric;
  };
  /** New values of the access list, as Secrets Manager reports them. */
  readonly accessListWrites: IMetric;
  /** Queries for names outside the list; absent without a DNS firewall. */
  readonly blockedNames?: IMetric;
  /** Whether such queries are only logged, and resolve. */
  readonly namesObserved?: boolean;
}

/** Every alarm. Its name is also the heading of its section in the runbook. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table: one row for each alarm
export function alarmTable(props: AlarmTableProps): Record<string, AlarmRow> {
  const minute = { period: Duration.minutes(1) };
  const balancer = props.loadBalancer.metrics;
  const target = props.targetGroup.metrics;
  const blocked = new Metric({
    namespace: 'AWS/WAFV2',
    metricName: 'BlockedRequests',
    dimensionsMap: { WebACL: props.webAclMetricName, Region: Stack.of(props.service).region, Rule: 'ALL' },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });
  const { denied, rateLimited, failed, secretRefreshFailed, auditBackpressure } = props.logMetrics;
  const { issuerKeysFailed, limitStoreDown, toolChanged, serverUnavailable } = props.logMetrics;

  return {
    LoadBalancerErrors: {
      what: 'The load balancer answers 5xx by itself',
      severity: 'high',
      metric: balancer.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, minute),
      threshold: 5,
      periods: 3,
    },
    RejectedConnections: {
      what: 'The load balancer rejects connections',
      severity: 'high',
      metric: balancer.rejectedConnectionCount(minute),
      threshold: 1,
    },
    TargetErrors: {
      what: 'Tasks answer 5xx',
      severity: 'high',
      metric: target.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, minute),
      threshold: 5,
      periods: 3,
      rollback: true,
    },
    UnhealthyTasks: {
      what: 'Tasks fail their health check',
      severity: 'medium',
      metric: target.unhealthyHostCount({ ...minute, statistic: Stats.MAXIMUM }),
      threshold: 1,
      periods: 3,
      rollback: true,
    },
    TooFewTasks: {
      what: `Fewer than ${props.minTasks} healthy tasks`,
      severity: 'high',
      metric: target.healthyHostCount({ ...minute, statistic: Stats.MINIMUM }),
      threshold: props.minTasks,
      periods: 5,
      below: true,
    },
    HighLatency: {
      what: `1 % of requests take longer than ${props.latencyP99Ms} ms`,
      severity: 'medium',
      metric: target.targetResponseTime({ ...minute, statistic: 'p99' }),
      threshold: props.latencyP99Ms / 1000,
      periods: 5,
    },
    HighCpu: {
      what: 'CPU stays high although tasks are added',
      severity: 'medium',
      metric: props.service.metricCpuUtilization(minute),
      threshold: 85,
      periods: 10,
    },
    HighMemory: {
      what: 'Memory stays high although tasks are added',
      severity: 'medium',
      metric: props.service.metricMemoryUtilization(minute),
      threshold: 85,
      periods: 10,
    },
    BlockedRequests: {
      what: 'The firewall blocks unusually many requests',
      severity: 'medium',
      metric: blocked,
      threshold: props.blockedRequestsPer5Min,
    },
    DeniedCalls: {
      what: 'Unusually many calls are refused',
      severity: 'medium',
      metric: denied,
      threshold: props.deniedCallsPer5Min,
    },
    RateLimitedCalls: {
      what: 'Unusually many calls are over a limit',
      severity: 'low',
      metric: rateLimited,
      threshold: 100,
    },
    FailedCalls: {
      what: 'Unusually many calls fail or run out of time',
      severity: 'medium',
      metric: failed,
      threshold: 20,
    },
    SecretRefreshFailed: {
      what: 'A secret cannot be refreshed, or a list in it is unusable; the last valid value is in use',
      severity: 'high',
      metric: secretRefreshFailed,
      threshold: 1,
    },
    AccessListChanged: {
      what: 'An administrator changed what the access list denies',
      severity: 'medium',
      metric: props.logMetrics.accessListChanged,
      threshold: 1,
    },
    AccessListWritten: {
      what: 'Secrets Manager has a new value of the access list',
      severity: 'medium',
      metric: props.accessListWrites,
      threshold: 1,
    },
    AuditBackpressure: {
      what: 'Audit records cannot be written, and calls are refused',
      severity: 'high',
      metric: auditBackpressure,
      threshold: 1,
    },
    ...(props.blockedNames && {
      DnsQueriesBlocked: {
        what: props.namesObserved
          ? 'A task queried a name outside its list, and it resolved: the DNS firewall only observes'
          : 'A task queried a name outside its list',
        severity: props.namesObserved ? 'medium' : 'high',
        metric: props.blockedNames,
        threshold: 1,
      },
    }),
    ...(issuerKeysFailed && {
      IssuerKeysFailed: {
        what: 'The keys of the issuer cannot be fetched',
        severity: 'high',
        metric: issuerKeysFailed,
        // Cached keys are valid for an hour, so a single lost response raises no alarm.
        threshold: 3,
      },
    }),
    ...(limitStoreDown && {
      LimitStoreDown: {
        what: 'A task lost the rate limit store, or can no longer authenticate to it',
        // If calls are refused meanwhile, TargetErrors pages.
        severity: 'medium',
        metric: limitStoreDown,
        threshold: 1,
      },
    }),
    ...(toolChanged && {
      ToolChanged: {
        what: 'A tool of the server is not as tools.lock.json pins it, and is refused',
        severity: 'medium',
        metric: toolChanged,
        threshold: 1,
      },
    }),
    ...(serverUnavailable && {
      ServerUnavailable: {
        what: 'The server behind the service does not answer calls',
        severity: 'medium',
        metric: serverUnavailable,
        // Fewer are normal while a task starts, because the server starts after the service.
        threshold: 5,
        periods: 2,
      },
    }),
    ...functionAlarms(props),
    ...archiveAlarms(props),
  };
}
