import { type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { allow, type CheckContext, type Statement } from './check.ts';
import { resourcesOf } from './deployed-stack.ts';

/** Most names that one DescribeAlarms takes (CloudWatch API reference). */
const MAX_NAMES = 100;

export function alarmNeeds(): readonly Statement[] {
  return [allow('AlarmList', ['cloudwatch:DescribeAlarms'])];
}

/** The alarms of the stack. */
export async function readAlarms({ aws, stack }: CheckContext): Promise<readonly MetricAlarm[]> {
  const names = resourcesOf(stack, 'AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId);
  const alarms: MetricAlarm[] = [];
  for (let start = 0; start < names.length; start += MAX_NAMES) {
    const AlarmNames = names.slice(start, start + MAX_NAMES);
    for await (const page of paginateDescribeAlarms({ client: aws.cloudWatch }, { AlarmNames })) {
      alarms.push(...(page.MetricAlarms ?? []));
    }
  }
  return alarms;
}
