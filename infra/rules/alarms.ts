import { every, must, type Rule } from './rule.ts';
import {
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
  taskVariable,
} from './synthesized-template.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const monitoring = {
  file: 'infra/constructs/monitoring/monitoring.ts',
};

/** Metrics that alarm on a low value, and on missing data. */
const LEAST = ['AWS/ApplicationELB HealthyHostCount', 'AWS/Lambda Invocations'];
/** Metrics that alarm on a high value. */
const MOST = [
  'AWS/ApplicationELB HTTPCode_ELB_5XX_Count',
  'AWS/ApplicationELB HTTPCode_Target_5XX_Count',
  'AWS/ApplicationELB UnHealthyHostCount',
  'AWS/ApplicationELB RejectedConnectionCount',
  'AWS/ApplicationELB TargetResponseTime',
  'AWS/ECS CPUUtilization',
  'AWS/ECS MemoryUtilization',
  'AWS/WAFV2 BlockedRequests',
  'AWS/Lambda Errors',
];

/** The severity at the start of an alarm's description. */
function severityOf({ AlarmDescription }: Properties): string | undefined {
  return /^\[(high|medium|low)\] /.exec(AlarmDescription ?? '')?.[1];
}

/** Logical ids of the topics that an alarm notifies. */
function notifiedTopics(
  { AlarmActions, OKActions }: Properties,
  template: SynthesizedTemplate,
): readonly string[] {
  return [...listOf(AlarmActions), ...listOf(OKActions)].flatMap(
    (action) => template.target(action)?.logicalId ?? [],
  );
}

/** Whether a pattern compares a field with texts only: a star would match any text. */
function listsValues(pattern: string, field: string): boolean {
  const compared = [...pattern.matchAll(/\((\$\.\w+) = "([^"]*)"\)/g)].filter(([, name]) => name === field);
  return compared.length > 0 && compared.every(([, , text = '']) => !text.includes('*'));
}

/** Metrics that only the dashboard shows. */
export const NO_FAULTS: readonly unknown[] = ['LegacyCalls'];

export const alarmRules: readonly Rule[] = [
  {
    id: 'LogMetricsAlarmed',
    control:
      'Every log metric of the service has an alarm, except those that count what is no fault, and those with dimensions for the dashboard',
    fsbp: [],
    ...monitoring,
    check: every('AWS::Logs::MetricFilter', ({ MetricTransformations }, template) => {
      const alarmedMetrics = template
        .all(ALARM)
        .map(({ properties }) => `${properties['Namespace']} ${properties['MetricName']}`);
      return listOf(MetricTransformations).flatMap(
        ({ MetricNamespace, MetricName, MetricValue, Dimensions }) => [
          !NO_FAULTS.includes(MetricName) &&
            listOf(Dimensions).length === 0 &&
            !alarmedMetrics.includes(`${MetricNamespace} ${MetricName}`) &&
            `no alarm reads ${MetricName}`,
          !/^(?:1|\$\.\w+)$/.test(String(MetricValue)) &&
            `MetricValue must be 1 or a field, got ${MetricValue}`,
        ],
      );
    }),
  },
  {
    id: 'MetricDimensionsBounded',
    control: 'No client can create metrics: only names that the filter lists become dimensions',
    fsbp: [],
    file: 'infra/constructs/tool-metrics.ts',
    check: every('AWS::Logs::MetricFilter', ({ FilterPattern, MetricTransformations }) =>
      listOf(MetricTransformations)
        .flatMap(({ Dimensions }) => listOf(Dimensions))
        .map(
          ({ Value }) =>
            // The service itself chooses the outcome, one of seven.
            Value !== '$.outcome' &&
            !listsValues(String(FilterPattern), String(Value)) &&
            `the filter must list the values of ${Value}`,
        ),
    ),
  },
  {
    id: 'AlarmsNotifyTopic',
    control: 'Every alarm is enabled and notifies a topic of the stack when it starts and when it ends',
    fsbp: ['CloudWatch.15', 'CloudWatch.17'],
    ...monitoring,
    check: every(ALARM, ({ ActionsEnabled, AlarmActions, OKActions, AlarmDescription }, template) => [
      String(ActionsEnabled) === 'false' && 'ActionsEnabled must not be false',
      ...(['AlarmActions', 'OKActions'] as const).map((name) => {
        const actions = listOf(name === 'OKActions' ? OKActions : AlarmActions);
        return (
          !actions.some((action) => template.names(action, 'AWS::SNS::Topic')) &&
          `${name} must name a topic of this template`
        );
      }),
      !/Runbook: \S+/.test(AlarmDescription ?? '') && 'AlarmDescription must name the section of the runbook',
    ]),
  },
  {
    id: 'AlarmsBySeverity',
    control: 'Every alarm states its severity, and high-severity alarms have a topic of their own',
    fsbp: [],
    file: 'infra/constructs/monitoring/alarm-topics.ts',
    check: (template) => {
      const alarms = template.all(ALARM).map(({ logicalId, properties }) => ({
        logicalId,
        severity: severityOf(properties),
        notified: notifiedTopics(properties, template),
      }));
      const pages = alarms.flatMap(({ severity, notified }) => (severity === 'high' ? notified : []));
      return alarms.flatMap(({ logicalId, severity, notified }) => {
        if (severity === undefined) {
          return { logicalId, problem: 'AlarmDescription must begin with [high], [medium] or [low]' };
        }
        if (severity === 'high' || !notified.some((topic) => pages.includes(topic))) return [];
        return { logicalId, problem: `the topic of high-severity alarms must not receive ${severity} ones` };
      });
    },
  },
  {
    id: 'AlarmsWellFormed',
    control:
      'Every alarm monitors a resource of the stack, and goes off above its threshold, or below it and without data',
    fsbp: [],
    ...monitoring,
    check: every(ALARM, ({ ComparisonOperator, TreatMissingData, Dimensions, Namespace, MetricName }) => {
      const [least, most] = [LEAST, MOST].map((metrics) => metrics.includes(`${Namespace} ${MetricName}`));
      return [
        least && must('ComparisonOperator', ComparisonOperator, 'LessThanThreshold'),
        least && must('TreatMissingData', TreatMissingData, 'breaching'),
        (most || /^HardenedMcp\//.test(Namespace ?? '')) &&
          must('ComparisonOperator', ComparisonOperator, 'GreaterThanOrEqualToThreshold'),
        ...(least || most ? listOf(Dimensions) : []).map(
          ({ Name, Value }) =>
            !['Region', 'Rule', 'WebACL'].includes(Name) &&
            referencesIn(Value).length === 0 &&
            `Dimensions: ${Name} must be of this template`,
        ),
      ];
    }),
  },
  {
    id: 'FeatureAlarms',
    control: 'Blocked DNS names, failed fetches of an issuer’s keys and an old API key raise alarms',
    fsbp: [],
    ...monitoring,
    check: (template) => {
      const read = template.all(ALARM).map(({ properties }) => properties['MetricName']);
      const needed = [
        template.all('AWS::Route53Resolver::FirewallRuleGroup').length > 0 && 'DnsQueriesBlocked',
        taskVariable(template, 'MCP_OAUTH_ISSUER') !== undefined && 'IssuerKeysFailed',
        taskVariable(template, 'SCRAPE_API_KEY') !== undefined && 'ApiKeyAgeDays',
      ];
      return needed.flatMap((metric) =>
        !metric || read.includes(metric) ? [] : [{ problem: `no alarm reads ${metric}` }],
      );
    },
  },
  {
    id: 'CoreAlarms',
    control:
      'Failing, unhealthy and missing tasks, errors of the load balancer and floods of blocked requests raise alarms',
    fsbp: [],
    ...monitoring,
    check: (template) => {
      const read = template
        .all(ALARM)
        .map(({ properties: { Namespace, MetricName } }) => `${Namespace} ${MetricName}`);
      return [...LEAST, ...MOST].flatMap((metric) =>
        read.includes(metric) ? [] : [{ problem: `no alarm reads ${metric}` }],
      );
    },
  },
];
