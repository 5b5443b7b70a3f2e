import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
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
  /** Encrypts the function's log. */
  readonly logKey: IKey;
  readonly reservedConcurrency?: number | undefined;
}

/**
 * The rotation function. A failed run means that a rotation failed, or that the reconcile found a client without a
 * valid token.
 */
export type RotationFunction = BundledFunction;

/**
 * Creates the rotation function, without permission for any secret yet.
 *
 * Runs may overlap: each writes the list only if it has not changed meanwhile. Failed runs are repeated: Secrets
 * Manager calls its steps again, the schedule runs the reconcile an hour later.
 */
export function createRotationFunction(scope: Construct, props: RotationFunctionProps): RotationFunction {
  const rotation = createBundledFunction(scope, {
    ...props,
    folder: 'rotation',
    description: 'rotates the tokens of declared clients',
    roleDescription: 'Permissions of the token rotation: write its log, and grants per secret',
    // Ten seconds of it wait for running tasks to drop their cached list.
    timeout: Duration.seconds(60),
    memorySize: 256,
  });
  scheduleReconcile(scope, rotation.lambda);
  return rotation;
}

/** Runs the reconcile every hour, and when a deployment may have changed the declared clients. */
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

/**
 * Secrets that one policy names. IAM takes 6,144 characters in a managed policy, without whitespace, and each ARN is in
 * it twice: up to about 260 characters with the longest names of a stack and of a client. A role takes ten policies (IAM
 * User Guide, "IAM and AWS STS quotas").
 */
const SECRETS_PER_POLICY = 10;

/**
 * Grants reading and writing the values of these secrets, and using their key through Secrets Manager: AWS's policy for
 * rotation functions (Secrets Manager user guide, "Lambda rotation function execution role permissions"), without
 * GetRandomPassword, which is not called, and without kms:DescribeKey, which the condition on the encryption context never
 * allows.
 */
export function grantRotation(role: Role, secrets: readonly ISecret[], tokens: ISecret, key: IKey): void {
  const all = [...secrets, tokens].map(({ secretArn }) => secretArn);
  for (let first = 0; first < all.length; first += SECRETS_PER_POLICY) {
    const statements = rotationOf(all.slice(first, first + SECRETS_PER_POLICY), key, Stack.of(role).region);
    if (first > 0) new ManagedPolicy(role, `Permissions${first}`, { roles: [role], statements });
    else for (const statement of statements) role.addToPrincipalPolicy(statement);
  }
}

function rotationOf(secretArns: string[], key: IKey, region: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'RotateTokens',
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: secretArns,
    }),
    new PolicyStatement({
      sid: 'UseKeyForTokens',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
          'kms:EncryptionContext:SecretARN': secretArns,
        },
      },
    }),
  ];
}

/** Grants ListSecretVersionIds: when the API key's secret changed, but not its value. @returns metric of the age in days */
export function addApiKeyAgeMetric(
  scope: Construct,
  { role, logGroup }: RotationFunction,
  secret: ISecret,
): IMetric {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadApiKeyAge',
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
