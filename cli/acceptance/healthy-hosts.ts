import { GetMetricStatisticsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { alarmNeeds, readAlarms } from './alarm-list.ts';
import { allow, type Check, type CheckContext } from './check.ts';
import { runningTasks, taskNeeds } from './tasks.ts';
import { repeat } from './time.ts';

const PATIENCE = { everyMs: 30_000, forMs: 6 * 60_000 };
/** Minutes of the metric that are read. */
const WINDOW_MS = 10 * 60_000;

interface Count {
  readonly healthy: number;
  /** The newest value of the alarm's metric. */
  readonly metric: number | undefined;
}

/**
 * The metric of TooFewTasks counts all healthy tasks. The statistic is the minimum: if the load balancer reported one
 * value per zone, two tasks in two zones would count as one, and the alarm would never end.
 */
export const healthyHosts: Check = {
  name: 'healthy-hosts',
  needs: (stage) => [
    ...alarmNeeds(),
    ...taskNeeds(stage),
    allow('Metrics', ['cloudwatch:GetMetricStatistics']),
  ],
  async run(context) {
    const alarms = await readAlarms(context);
    const alarm = alarms.find(({ MetricName }) => MetricName === 'HealthyHostCount');
    if (alarm === undefined) throw new Error('the stack has no alarm of HealthyHostCount');
    const least = alarm.Threshold ?? 0;
    const { healthy, metric } = await repeat(
      context.time,
      PATIENCE,
      () => count(context, alarm),
      (result) => result.metric !== undefined && result.metric >= result.healthy && result.healthy >= least,
    );
    if (healthy < least) {
      return {
        verdict: 'failed',
        detail: `${healthy} tasks are healthy, and the alarm needs ${least}`,
        fix: 'Read the events of the service, and TooFewTasks in RUNBOOK.md',
      };
    }
    if (metric === undefined) {
      return {
        verdict: 'could not tell',
        detail: 'the metric has no value',
        fix: 'Wait some minutes and try again',
      };
    }
    if (metric < healthy) {
      return {
        verdict: 'failed',
        detail: `${healthy} tasks are healthy, but the alarm's metric counts ${metric}`,
        fix: 'TooFewTasks will never end: report it. The metric seems to be counted by zone',
      };
    }
    return { verdict: 'ok', detail: `${healthy} tasks are healthy, and the alarm's metric counts ${metric}` };
  },
};

async function count(context: CheckContext, alarm: MetricAlarm): Promise<Count> {
  const now = context.time.now();
  const { Datapoints = [] } = await context.aws.cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: alarm.Namespace,
      MetricName: alarm.MetricName,
      Dimensions: alarm.Dimensions,
      Period: alarm.Period,
      Statistics: alarm.Statistic && [alarm.Statistic],
      StartTime: new Date(now - WINDOW_MS),
      EndTime: new Date(now),
    }),
  );
  const [newest] = Datapoints.sort((a, b) => Number(b.Timestamp) - Number(a.Timestamp));
  const tasks = await runningTasks(context);
  return {
    healthy: tasks.filter(({ healthStatus }) => healthStatus === 'HEALTHY').length,
    metric: newest && alarm.Statistic && newest[alarm.Statistic],
  };
}
