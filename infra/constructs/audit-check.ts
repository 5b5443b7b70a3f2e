import { type IMetric, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { AuditCheckVariable } from '../../functions/audit-check/environment.ts';
import { type BundledFunction, createBundledFunction } from './function/bundled-function.ts';

export interface AuditCheckProps {
  /** Where the tasks write their audit records. */
  readonly auditLog: ILogGroup;
  /** Key of the audit chain's HMAC. */
  readonly auditKey: ISecret;
  /** Encrypts the secret of the key. */
  readonly encryptionKey: IKey;
  readonly logKey: IKey;
  /** Whether capacity of the account is kept free for the check. */
  readonly reserveConcurrency?: boolean;
}

/** What of the check somebody should hear of. */
export interface AuditCheckMetrics {
  /** Chains in which a record was changed, taken away, put in or doubled. */
  readonly broken: IMetric;
  /** Runs that could not check everything. */
  readonly errors: IMetric;
  /** Runs, whatever came of them. */
  readonly runs: IMetric;
}

/**
 * The function that checks every hour whether the audit log is what the tasks wrote. It may read that log and the
 * chain's key; whoever has both cannot write to the log with them.
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
        'What the check of the audit log may do: read it and the key of its chains, write its own log',
      environment,
      // It reads for three minutes at most, and what it has read is in memory.
      timeout: Duration.minutes(5),
      memorySize: 1024,
      logKey: props.logKey,
      reservedConcurrency: props.reserveConcurrency ? 1 : undefined,
    });
    const { lambda, role, errors, logGroup } = this.function;
    grantCheck(role, props);
    this.schedule(lambda);
    const filter = new MetricFilter(this, 'AuditChainBroken', {
      logGroup,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.type', '=', 'log'),
        FilterPattern.stringValue('$.event', '=', 'audit_chain_broken'),
      ),
      metricNamespace: `HardenedMcp/${Stack.of(this).stackName}`,
      metricName: 'AuditChainBroken',
      metricValue: '1',
      defaultValue: 0,
      unit: Unit.COUNT,
    });
    const hourly = { statistic: Stats.SUM, period: Duration.hours(1) };
    this.metrics = { broken: filter.metric(hourly), errors, runs: lambda.metricInvocations(hourly) };
  }

  private schedule(lambda: Lambda): void {
    const rule = new Rule(this, 'Schedule', {
      description: 'Checks the chains of the audit log',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [{ bind: () => ({ arn: lambda.functionArn }) }],
    });
    // Not the CDK's target: its permission does not name the account.
    lambda.addPermission('Schedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: rule.ruleArn,
    });
  }
}

function grantCheck(role: Role, { auditLog, auditKey, encryptionKey }: AuditCheckProps): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadAuditRecords',
      actions: ['logs:FilterLogEvents'],
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
