import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { ApiKeyVariable, ListVariable } from '../../rotation/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { rotationCode } from './rotation-code.ts';
import { ServiceRole } from './service-role.ts';

export interface RotationFunctionProps {
  readonly environment: Partial<Record<ListVariable | ApiKeyVariable, string>>;
  /** Encrypts its log. */
  readonly logKey: IKey;
}

export interface RotationFunction {
  readonly lambda: Lambda;
  readonly role: Role;
  /** Runs that failed: a rotation, or an upkeep that found a client without a token that works. */
  readonly errors: IMetric;
  readonly logGroup: LogGroup;
}

/**
 * Makes the function that rotates, without a right to any secret yet.
 *
 * Not in the VPC: it calls Secrets Manager alone, and would need a way out to it. No reserved concurrency: Secrets
 * Manager's steps are throttled by a low one, a new account has none to reserve, and the function writes the list only
 * if nobody else has meanwhile. No tracing: it needs a right on every resource, and each run leaves a line. No queue
 * for what failed: Secrets Manager and the schedule call again.
 */
export function createRotationFunction(scope: Construct, props: RotationFunctionProps): RotationFunction {
  const stack = Stack.of(scope);
  const logGroup = new LogGroup(scope, 'LogGroup', {
    encryptionKey: props.logKey,
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const role = new ServiceRole(scope, 'Role', {
    description: 'What the rotation of client tokens may do: write its log, and what is granted by secret',
    service: 'lambda.amazonaws.com',
  });
  logGroup.grantWrite(role);
  const lambda = new Lambda(scope, 'Function', {
    description: `${stack.stackName}: rotates the tokens of declared clients`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: rotationCode(),
    handler: 'index.handler',
    role,
    logGroup,
    memorySize: 256,
    // Ten seconds of it are a wait for running tasks to let go of the list they have.
    timeout: Duration.seconds(60),
    // A run that failed comes again with the schedule, an hour later.
    retryAttempts: 0,
    environment: props.environment,
  });
  acknowledge(
    lambda,
    'LambdaConcurrency',
    'Reserving concurrency takes it from an account that may have none to spare, and throttles rotations; writes are compared and swapped',
    ['nist', 'hipaa'],
  );
  acknowledge(
    lambda,
    'LambdaDLQ',
    'A run that failed comes again within the hour and raises an alarm; there is no event that could be lost',
    ['nist', 'hipaa'],
  );
  acknowledge(
    lambda,
    'LambdaInsideVPC',
    'It calls Secrets Manager and nothing in the VPC; in there it would need a way out that it must not have',
  );
  keepUp(scope, lambda);
  const errors = lambda.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) });
  return { lambda, role, errors, logGroup };
}

/** Runs the upkeep every hour, and when a deployment may have declared other clients. */
function keepUp(scope: Construct, lambda: Lambda): void {
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
export function watchAge(scope: Construct, { role, logGroup }: RotationFunction, secret: ISecret): IMetric {
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
