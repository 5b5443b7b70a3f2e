import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRow } from '../../lib/alarm-row.ts';

export interface FunctionAlarmsProps {
  /** Failed runs of the rotation, and the age of an upstream API key and its maximum, in days. */
  readonly rotation?:
    | {
        readonly errors: IMetric;
        readonly apiKeyAge?: { readonly metric: IMetric; readonly maxDays: number };
      }
    | undefined;
  /** Broken chains of the audit log, failed runs of the check, and all its runs. */
  readonly auditCheck: Readonly<Record<'broken' | 'errors' | 'runs', IMetric>>;
}

/** Alarms of the functions, by name. */
export function functionAlarms({ rotation, auditCheck }: FunctionAlarmsProps): Record<string, AlarmRow> {
  const { errors, apiKeyAge } = rotation ?? {};
  return {
    AuditChainBroken: {
      what: 'The audit log differs from what the tasks wrote',
      severity: 'high',
      metric: auditCheck.broken,
      threshold: 1,
    },
    AuditCheckFailed: {
      what: 'The audit log could not be checked, or not all of it',
      severity: 'medium',
      metric: auditCheck.errors,
      threshold: 1,
    },
    AuditCheckMissing: {
      what: 'The audit log was not checked for 30 minutes',
      severity: 'high',
      metric: auditCheck.runs,
      threshold: 1,
      // A period can be empty although the check runs: a run is late, or its metric arrives after up to ten minutes, with
      // the end of the run. Both together empty two.
      periods: 3,
      below: true,
    },
    ...(errors && {
      RotationFailed: {
        what: 'A client token cannot be rotated, or a client has no valid token',
        severity: 'medium',
        metric: errors,
        threshold: 1,
      },
    }),
    ...(apiKeyAge && {
      ApiKeyAge: {
        what: `The upstream API key is ${apiKeyAge.maxDays} days old; it must be replaced manually`,
        severity: 'low',
        metric: apiKeyAge.metric,
        threshold: apiKeyAge.maxDays,
      },
    }),
  };
}
