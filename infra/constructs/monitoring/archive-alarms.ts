import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRow } from '../../lib/alarm-row.ts';

export interface ArchiveAlarmsProps {
  /** Records that did not reach the archive, or reach it late; absent without an archive. */
  readonly archive?:
    | Readonly<Record<'forwardingFailed' | 'forwardingThrottled' | 'delay' | 'writeFailed', IMetric>>
    | undefined;
}

/** Age of the oldest record that is not in the archive, in seconds. Firehose writes every minute. */
const MAX_DELAY_SECONDS = 30 * 60;

/** Alarms of the archive, by name. */
export function archiveAlarms({ archive }: ArchiveAlarmsProps): Record<string, AlarmRow> {
  if (archive === undefined) return {};
  return {
    ArchiveForwardingFailed: {
      what: 'Audit records do not reach the archive, and are not sent again',
      // The cause can be a removed permission, and an intruder may have removed it.
      severity: 'high',
      metric: archive.forwardingFailed,
      threshold: 1,
    },
    ArchiveForwardingThrottled: {
      what: 'Audit records reach the archive late, because Firehose throttles them',
      severity: 'medium',
      metric: archive.forwardingThrottled,
      threshold: 1,
      // A few retries at a peak are normal.
      periods: 6,
    },
    ArchiveDelayed: {
      what: `Audit records wait ${MAX_DELAY_SECONDS / 60} minutes for the archive`,
      severity: 'medium',
      metric: archive.delay,
      threshold: MAX_DELAY_SECONDS,
    },
    ArchiveWriteFailed: {
      what: 'Firehose could not write audit records into the archive, or not as lines',
      severity: 'medium',
      metric: archive.writeFailed,
      threshold: 1,
    },
  };
}
