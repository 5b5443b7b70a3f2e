import {
  type AlarmHistoryItem,
  DescribeAlarmHistoryCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { alarmNeeds, readAlarms } from './alarm-list.ts';
import { allow, type Check, type CheckContext } from './check.ts';
import { isSteady, readService, taskNeeds } from './tasks.ts';
import { repeat } from './time.ts';

const PATIENCE = { everyMs: 5000, forMs: 2 * 60_000 };
/** How far the history is read back. */
const WINDOW_MS = 60 * 60_000;
const REASON = 'Acceptance test: set manually';

/**
 * Each alarm, set to ALARM manually, publishes to its topic. Only AWS shows whether CloudWatch sends
 * `aws:SourceAccount`, which the policies of the topics and of their key require. Without it no alarm notifies.
 */
export const alarms: Check = {
  name: 'alarms',
  changes:
    'Sets every alarm of the stack to ALARM and back. Everyone who is subscribed to the topics of pages and tickets is notified, twice for each alarm.',
  needs: (stage) => [
    ...alarmNeeds(),
    ...taskNeeds(stage),
    allow(
      'Alarms',
      ['cloudwatch:SetAlarmState', 'cloudwatch:DescribeAlarmHistory'],
      `arn:${stage.partition}:cloudwatch:${stage.region}:*:alarm:${stage.stackName}-*`,
    ),
  ],
  async run(context) {
    // During a deployment, two of the alarms would roll it back.
    if (!isSteady(await readService(context)))
      return {
        verdict: 'could not tell',
        detail: 'a deployment is under way',
        fix: 'Wait until it has ended',
      };
    const all = await readAlarms(context);
    const silent = all.filter(({ AlarmActions }) => !AlarmActions?.length);
    const lines = silent.map(({ AlarmName }) => `${AlarmName}: has no action`);
    try {
      const pending = await ring(context, all);
      await repeat(
        context.time,
        PATIENCE,
        () => collect(context, pending, lines),
        () => pending.size === 0,
      );
      lines.push(...[...pending.keys()].map(({ AlarmName }) => `${AlarmName}: its history shows no action`));
    } finally {
      await restore(context, all, lines);
    }
    if (lines.length === 0)
      return { verdict: 'ok', detail: `${all.length} alarms published to their topics, and are as before` };
    return {
      verdict: 'failed',
      detail: `of ${all.length} alarms, some did not publish to their topics or could not be set back`,
      lines: lines,
      fix: 'Read the policy of the topic and of its key: CloudWatch must be allowed to publish, and to use the key',
    };
  },
};

/** Actions in an alarm's history before it was set, which do not count. */
type Earlier = ReadonlySet<string>;

/** Sets every alarm that has an action. @returns these alarms */
async function ring(context: CheckContext, all: readonly MetricAlarm[]): Promise<Map<MetricAlarm, Earlier>> {
  const rung = new Map<MetricAlarm, Earlier>();
  for (const alarm of all) {
    if (alarm.AlarmActions?.length) rung.set(alarm, new Set((await history(context, alarm)).map(keyOf)));
  }
  for (const alarm of rung.keys()) {
    // Only a change of the state has an action.
    if (alarm.StateValue === 'ALARM') await setState(context, alarm, 'INSUFFICIENT_DATA');
    await setState(context, alarm, 'ALARM');
  }
  return rung;
}

/** Reads the histories of the pending alarms, and takes out those whose actions all have a result. */
async function collect(
  context: CheckContext,
  pending: Map<MetricAlarm, Earlier>,
  lines: string[],
): Promise<void> {
  for (const [alarm, earlier] of [...pending]) {
    const items = (await history(context, alarm)).filter((item) => !earlier.has(keyOf(item)));
    const results = (alarm.AlarmActions ?? []).map((action) =>
      items.find(({ HistorySummary = '' }) => HistorySummary.includes(action)),
    );
    if (results.includes(undefined)) continue;
    pending.delete(alarm);
    const failed = results.filter(
      (item) => !item?.HistorySummary?.startsWith('Successfully executed action'),
    );
    lines.push(...failed.map((item) => `${alarm.AlarmName}: ${item?.HistorySummary}`));
  }
}

async function restore(context: CheckContext, all: readonly MetricAlarm[], lines: string[]): Promise<void> {
  for (const alarm of all) {
    if (!alarm.AlarmActions?.length || alarm.StateValue === 'ALARM') continue;
    await setState(context, alarm, alarm.StateValue).catch((error: Error) => {
      const until = 'it returns by itself when CloudWatch evaluates it again';
      lines.push(
        `${alarm.AlarmName}: could not be set back to ${alarm.StateValue} (${error.name}); ${until}`,
      );
    });
  }
}

async function setState(
  { aws: { cloudWatch } }: CheckContext,
  { AlarmName }: MetricAlarm,
  StateValue: MetricAlarm['StateValue'],
): Promise<void> {
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: REASON }));
}

async function history(
  { aws: { cloudWatch }, time }: CheckContext,
  { AlarmName }: MetricAlarm,
): Promise<readonly AlarmHistoryItem[]> {
  const { AlarmHistoryItems = [] } = await cloudWatch.send(
    new DescribeAlarmHistoryCommand({
      AlarmName,
      HistoryItemType: 'Action',
      StartDate: new Date(time.now() - WINDOW_MS),
      ScanBy: 'TimestampDescending',
    }),
  );
  return AlarmHistoryItems;
}

function keyOf({ Timestamp, HistorySummary }: AlarmHistoryItem): string {
  return `${Number(Timestamp)} ${HistorySummary}`;
}
