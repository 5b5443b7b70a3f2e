import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { bundledCode, type FunctionFolder } from './bundled-code.ts';
import { ServiceRole } from './service-role.ts';

export interface BundledFunctionProps {
  readonly folder: FunctionFolder;
  /** What it does, after the stack's name and a colon. */
  readonly description: string;
  readonly roleDescription: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Encrypts its log. */
  readonly logKey: IKey;
}

export interface BundledFunction {
  readonly lambda: Lambda;
  readonly role: Role;
  /** Runs that failed. */
  readonly errors: IMetric;
  readonly logGroup: LogGroup;
}

/**
 * Makes a function of this repository that may write its own log and nothing else.
 *
 * Not in the VPC: it calls AWS alone, and would need a way out to it. No tracing: it needs a right on every resource,
 * and each run leaves a line. No retries and no queue for what failed: whoever called calls again.
 */
export function createBundledFunction(scope: Construct, props: BundledFunctionProps): BundledFunction {
  const logGroup = new LogGroup(scope, 'LogGroup', {
    encryptionKey: props.logKey,
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const role = new ServiceRole(scope, 'Role', {
    service: 'lambda.amazonaws.com',
    description: props.roleDescription,
  });
  logGroup.grantWrite(role);
  const lambda = new Lambda(scope, 'Function', {
    description: `${Stack.of(scope).stackName}: ${props.description}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: bundledCode(props.folder),
    handler: 'index.handler',
    role,
    logGroup,
    memorySize: props.memorySize,
    timeout: props.timeout,
    retryAttempts: 0,
    environment: props.environment,
  });
  acknowledge(
    lambda,
    'LambdaConcurrency',
    'Reserving concurrency takes it from an account that may have none to spare, and a low one throttles rotations',
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
    'It calls AWS and nothing in the VPC; in there it would need a way out that it must not have',
  );
  const errors = lambda.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) });
  return { lambda, role, errors, logGroup };
}
