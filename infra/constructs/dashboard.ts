import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  LogQueryWidget,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Severity } from '../lib/alarm-row.ts';

export interface DashboardProps {
  readonly service: FargateService;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly webAclMetricName: string;
  readonly auditLog: ILogGroup;
  readonly logMetrics: Readonly<Record<'denied' | 'rateLimited' | 'failed' | 'legacyCalls', IMetric>>;
  /** Calls and durations by tool and outcome. @default - no graphs of tools */
  readonly toolMetrics?: Readonly<Record<'calls' | 'duration', IMetric>> | undefined;
  readonly alarms: Readonly<Record<Severity, IAlarm[]>>;
}

/** One page: alarms by severity, refused calls, the load of the tasks, and who calls. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const minute = { period: Duration.minutes(1) };
    const balancer = props.loadBalancer.metrics;
    const target = props.targetGroup.metrics;
    const { stackName, region } = Stack.of(this);
    const firewall = (metricName: string) => firewallMetric(metricName, props.webAclMetricName, region);
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 8, height: 6, region });

    const status = (title: string, severity: Severity, width: number) =>
      new AlarmStatusWidget({ title, alarms: props.alarms[severity], width, height: 4 });

    const dashboard = new CloudWatchDashboard(this, 'Resource', { dashboardName: stackName });
    dashboard.addWidgets(
      status('High: act now', 'high', 12),
      status('Medium: within the working day', 'medium', 8),
      status('Low: at the next review', 'low', 4),
    );
    dashboard.addWidgets(
      graph(
        'Requests and errors',
        [balancer.requestCount(minute)],
        [
          balancer.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, minute),
          target.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, minute),
          target.httpCodeTarget(HttpCodeTarget.TARGET_4XX_COUNT, minute),
        ],
      ),
      graph(
        'Time to answer',
        ['p50', 'p99'].map((statistic) => target.targetResponseTime({ ...minute, statistic })),
      ),
      graph('Calls refused and failed', [
        props.logMetrics.denied,
        props.logMetrics.rateLimited,
        props.logMetrics.failed,
      ]),
      graph('Requests of older protocol versions', [props.logMetrics.legacyCalls]),
      graph(
        'Firewall',
        [firewall('AllowedRequests')],
        [firewall('BlockedRequests'), firewall('CountedRequests')],
      ),
      graph('CPU and memory of the tasks', [
        props.service.metricCpuUtilization(minute),
        props.service.metricMemoryUtilization(minute),
      ]),
      graph('Tasks', [
        target.healthyHostCount({ ...minute, statistic: Stats.MINIMUM }),
        target.unhealthyHostCount({ ...minute, statistic: Stats.MAXIMUM }),
      ]),
    );
    dashboard.addWidgets(busiest(props.auditLog, region));
    if (props.toolMetrics === undefined) return;
    dashboard.addWidgets(
      graph('Calls by tool and outcome', [props.toolMetrics.calls]),
      graph('Duration by tool and outcome (p99)', [props.toolMetrics.duration]),
    );
  }
}

/** Clients and their users with the most requests. As metrics, each user would cost a metric. */
function busiest(auditLog: ILogGroup, region: string): LogQueryWidget {
  return new LogQueryWidget({
    title: 'Clients and users with the most requests',
    logGroupNames: [auditLog.logGroupName],
    queryLines: [
      'fields strcontains(outcome, "denied") as isDenied, strcontains(outcome, "rate_limited") as isLimited',
      'filter type = "audit" and ispresent(clientId)',
      'stats count(*) as requests, sum(isDenied) as denied, sum(isLimited) as limited, latest(@timestamp) as last by clientId, userId',
      'sort requests desc',
      'limit 20',
    ],
    width: 24,
    height: 6,
    region,
  });
}

function firewallMetric(metricName: string, webAclMetricName: string, region: string): IMetric {
  return new Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    dimensionsMap: { WebACL: webAclMetricName, Region: region, Rule: 'ALL' },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });
}
