import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { AuditCheckVariable } from '../../functions/audit-check/environment.ts';
import { countLines } from '../lib/count-lines.ts';
import { type BundledFunction, createBundledFunction } from './function/bundled-function.ts';

export interface AuditCheckProps {
  /** Log group of the tasks' audit records. */
  readonly auditLog: ILogGroup;
  /** Key of the audit chain's HMAC. */
  readonly auditKey: ISecret;
  /** Encrypts the audit key's secret. */
  readonly encryptionKey: IKey;
  readonly logKey: IKey;
  /** Whether to reserve Lambda concurrency for the check. */
  readonly reserveConcurrency?: boolean;
}

/** Metrics of the check that need an alarm. */
export interface AuditCheckMetrics {
  /** Chains with a changed, removed, inserted or duplicated record. */
  readonly broken: IMetric;
  /** Runs that could not check everything. */
  readonly errors: IMetric;
  /** All runs, whatever their result, in periods of the schedule. */
  readonly runs: IMetric;
}

/**
 * A function that verifies every ten minutes that the audit log is as the tasks wrote it. It may read the log and the
 * chain's key, but not write to the log.
 */
export class AuditCheck extends Construct {
  readonly metrics: AuditCheckMetrics;
  readonly function: BundledFunction;

  constructor(scope: Construct, id: string, props: AuditCheckProps) {
    super(scope, id);
    const environment: Record<AuditCheckVariable, string> = {
      AUDIT_LOG_GROUP: props.auditLog.logGroupName,
      AUDIT_KEY_SECRET_ARN: props.auditKey.secretArn,
    };
    this.function = createBundledFunction(this, {
      folder: 'audit-check',
      description: 'checks the chains of the audit log',
      roleDescription:
        'Permissions of the audit log check: read the log and the key of its chains, write its own log',
      environment,
      // It reads for at most eight minutes, and has ended before the next run. It takes 140 MiB; the rest is for the share
      // of a CPU that comes with it (docs/scale.md).
      timeout: Duration.seconds(570),
      memorySize: 1024,
      logKey: props.logKey,
      reservedConcurrency: props.reserveConcurrency ? 1 : undefined,
    });
    const { lambda, role, errors, logGroup } = this.function;
    const interval = Duration.minutes(10);
    grantCheck(role, props);
    new Rule(this, 'Schedule', {
      description: 'Checks the chains of the audit log',
      schedule: Schedule.rate(interval),
      targets: [new LambdaFunction(lambda)],
    });
    const broken = FilterPattern.all(
      FilterPattern.stringValue('$.type', '=', 'log'),
      FilterPattern.stringValue('$.event', '=', 'audit_chain_broken'),
    );
    this.metrics = {
      broken: countLines(this, logGroup, 'AuditChainBroken', broken, { period: Duration.hours(1) }),
      errors,
      runs: lambda.metricInvocations({ statistic: Stats.SUM, period: interval }),
    };
  }
}

/**
 * The permissions that FilterLogEvents (with `unmask`) and GetSecretValue (with a customer-managed key) need.
 * The log group's own key needs nothing: CloudWatch Logs decrypts for its readers.
 */
function grantCheck(role: Role, { auditLog, auditKey, encryptionKey }: AuditCheckProps): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadAuditRecords',
      actions: ['logs:FilterLogEvents', 'logs:Unmask'],
      resources: [auditLog.logGroupArn],
    }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadAuditKey',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [auditKey.secretArn],
    }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'DecryptAuditKey',
      actions: ['kms:Decrypt'],
      resources: [encryptionKey.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `secretsmanager.${Stack.of(role).region}.amazonaws.com`,
          'kms:EncryptionContext:SecretARN': auditKey.secretArn,
        },
      },
    }),
  );
}
