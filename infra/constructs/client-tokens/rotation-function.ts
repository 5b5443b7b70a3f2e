import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { ApiKeyVariable, ListVariable } from '../../../functions/rotation/environment.ts';
import { type BundledFunction, createBundledFunction } from '../function/bundled-function.ts';

export interface RotationFunctionProps {
  readonly environment: Partial<Record<ListVariable | ApiKeyVariable, string>>;
  /** Encrypts its log. */
  readonly logKey: IKey;
  readonly reservedConcurrency?: number | undefined;
}

/** Its failed runs are a rotation, or an reconcile that found a client without a token that works. */
export type RotationFunction = BundledFunction;

/**
 * Makes the function that rotates, without a right to any secret yet.
 *
 * Any number of it may run at a time: it writes the list only if nobody else has meanwhile. A run that failed comes
 * again: Secrets Manager calls its steps again, the schedule the reconcile an hour later.
 */
export function createRotationFunction(scope: Construct, props: RotationFunctionProps): RotationFunction {
  const rotation = createBundledFunction(scope, {
    ...props,
    folder: 'rotation',
    description: 'rotates the tokens of declared clients',
    roleDescription:
      'What the rotation of client tokens may do: write its log, and what is granted by secret',
    // Ten seconds of it are a wait for running tasks to let go of the list they have.
    timeout: Duration.seconds(60),
    memorySize: 256,
  });
  scheduleReconcile(scope, rotation.lambda);
  return rotation;
}

/** Runs the reconcile every hour, and when a deployment may have declared other clients. */
function scheduleReconcile(scope: Construct, lambda: Lambda): void {
  new Rule(scope, 'Upkeep', {
    description: 'Brings the list of client tokens in line with the declared clients',
    schedule: Schedule.rate(Duration.hours(1)),
    eventPattern: {
      source: ['aws.cloudformation'],
      detailType: ['CloudFormation Stack Status Change'],
      detail: {
        'stack-id': [Stack.of(scope).stackId],
        'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
      },
    },
    targets: [new LambdaFunction(lambda)],
  });
}

/** Lets the function read and write the values of these secrets, and use their key for them through Secrets Manager. */
export function grantRotation(role: Role, secrets: readonly ISecret[], tokens: ISecret, key: IKey): void {
  const clientArns = secrets.map(({ secretArn }) => secretArn);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'RotateTokens',
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [...clientArns, tokens.secretArn],
    }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'UseKeyForTokens',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `secretsmanager.${Stack.of(role).region}.amazonaws.com`,
          'kms:EncryptionContext:SecretARN': [...clientArns, tokens.secretArn],
        },
      },
    }),
  );
}

/** Lets the function tell how old a secret's value is, which it cannot read. @returns the age in days */
export function addApiKeyAgeMetric(
  scope: Construct,
  { role, logGroup }: RotationFunction,
  secret: ISecret,
): IMetric {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'TellAge',
      actions: ['secretsmanager:ListSecretVersionIds'],
      resources: [secret.secretArn],
    }),
  );
  const filter = new MetricFilter(scope, 'ApiKeyAge', {
    logGroup,
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.type', '=', 'log'),
      FilterPattern.stringValue('$.event', '=', 'api_key_age'),
    ),
    metricNamespace: `HardenedMcp/${Stack.of(scope).stackName}`,
    metricName: 'ApiKeyAgeDays',
    metricValue: '$.ageDays',
  });
  return filter.metric({ statistic: Stats.MAXIMUM, period: Duration.hours(6) });
}
