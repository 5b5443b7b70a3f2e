import type {
  FoundResource,
  Properties,
  SynthesizedTemplate,
} from '../../../infra/rules/synthesized-template.ts';
import { listOf } from '../../../infra/rules/synthesized-template.ts';
import { assume, HOURS } from '../assumptions.ts';
import { type Billable, type Line, UnpricedError } from '../line.ts';
import { definitionOf, SERVICE, tasksOf } from './tasks.ts';

/**
 * Metrics of Container Insights with enhanced observability for a cluster on Fargate, counted from AWS's table of
 * metrics and their dimensions: each combination that occurs is a paid metric.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-enhanced-observability-metrics-ECS.html
 */
const OF_A_TASK = 16;
const OF_A_CONTAINER = 7;
const OF_A_SERVICE = 5;
const OF_A_CLUSTER = 2;
/** Outcomes of a call in the audit log (service/errors.ts). */
const OUTCOMES = 7;

/** Metrics of a service, its family and its tasks, and the cluster's sums of them. */
function insights(found: FoundResource, template: SynthesizedTemplate) {
  const containers = listOf(definitionOf(found, template)['ContainerDefinitions']);
  // Health checks and restarts add a metric each.
  const checked = containers.some(({ HealthCheck }) => HealthCheck) ? 1 : 0;
  const restarted = containers.some(({ RestartPolicy }) => RestartPolicy?.Enabled) ? 1 : 0;
  const each = containers.reduce(
    (sum, { HealthCheck, RestartPolicy }) =>
      sum + OF_A_CONTAINER + (HealthCheck ? 1 : 0) + (RestartPolicy?.Enabled ? 1 : 0),
    OF_A_TASK + restarted,
  );
  const tasks = tasksOf(found, template);
  return {
    cluster: OF_A_TASK + OF_A_CONTAINER + checked + restarted,
    // By service, by family, and each task by both.
    service: each + OF_A_SERVICE + each + tasks * 2 * each,
    sources: 1 + tasks * (1 + containers.length),
  };
}

function cluster({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): Line[] {
  const setting = listOf(properties['ClusterSettings']).find(({ Name }) => Name === 'containerInsights')?.[
    'Value'
  ];
  if (setting === undefined || setting === 'disabled') return [];
  if (setting !== 'enhanced') throw new UnpricedError(`containerInsights ${setting} has no price here`);
  const services = template
    .all(SERVICE)
    .filter(({ properties: of }) => template.target(of['Cluster'])?.logicalId === logicalId)
    .map((found) => insights(found, template));
  const largest = Math.max(0, ...services.map((one) => one.cluster));
  const sources = services.reduce((sum, one) => sum + one.sources, 1);
  return [
    {
      price: 'insightsMetric',
      idle: services.reduce((sum, one) => sum + one.service, largest + OF_A_CLUSTER),
    },
    { price: 'logData', idle: (sources * HOURS * 60 * assume('insightsBytes')) / 1e9 },
  ];
}

function alarm({ Metrics, MetricName, Period, ThresholdMetricId }: Properties): Line[] {
  if (ThresholdMetricId) throw new UnpricedError('anomaly detection has no price here');
  const queries = listOf(Metrics);
  const stats = queries.filter(({ MetricStat }) => MetricStat);
  if (
    !MetricName &&
    (stats.length === 0 || queries.some(({ Expression }) => /SELECT|SEARCH/i.test(Expression ?? '')))
  ) {
    throw new UnpricedError('an alarm on a query has as many metrics as the query finds');
  }
  const period = Math.min(Number(Period ?? 60), ...stats.map(({ MetricStat }) => Number(MetricStat.Period)));
  return [{ price: period < 60 ? 'fastAlarm' : 'alarm', idle: MetricName ? 1 : stats.length }];
}

/** Target tracking creates two alarms of its own: one to scale out, one to scale in. */
function scaling({ PolicyType }: Properties): Line[] {
  return PolicyType === 'TargetTrackingScaling' ? [{ price: 'alarm', idle: 2 }] : [];
}

/** Metrics of a filter at most: one, or with dimensions one for each tool that its pattern lists and each outcome. */
function combinationsOf(dimensions: number, { FilterPattern }: Properties): number {
  if (dimensions === 0) return 1;
  const tools = String(FilterPattern).match(/\$\.tool = "/g) ?? [];
  return tools.length * OUTCOMES;
}

const group = 'Metrics and alarms';

export const METRICS: Readonly<Record<string, Billable>> = {
  'AWS::ECS::Cluster': {
    group,
    why: 'Container Insights of each task and container (FSBP ECS.12): which one is full, unhealthy or restarted',
    count: cluster,
  },
  'AWS::CloudWatch::Alarm': {
    group,
    why: 'Alarms, each with a section in RUNBOOK.md',
    count: ({ properties }) => alarm(properties),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    group,
    why: 'A composite alarm',
    count: () => [{ price: 'compositeAlarm', idle: 1 }],
  },
  'AWS::CloudWatch::Dashboard': {
    group,
    why: 'An overview of the alarms; three dashboards per account are free',
    count: () => [{ price: 'dashboard', idle: 1 }],
  },
  'AWS::ApplicationAutoScaling::ScalingPolicy': {
    group,
    why: 'Tasks follow CPU, memory and requests; target tracking keeps two alarms for each',
    count: ({ properties }) => scaling(properties),
  },
  'AWS::Logs::MetricFilter': {
    group,
    why: 'Events that only the logs contain: refusals, broken chains, unreadable secrets',
    count: ({ properties }) => [
      {
        price: 'metric',
        idle: listOf(properties['MetricTransformations']).reduce(
          (sum, { Dimensions }) => sum + combinationsOf(listOf(Dimensions).length, properties),
          0,
        ),
      },
    ],
  },
};
