import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { acknowledge } from '../../lib/acknowledge.ts';
import { ServiceRole } from '../../lib/service-role.ts';
import { bundledCode, type FunctionFolder } from './bundled-code.ts';

export interface BundledFunctionProps {
  readonly folder: FunctionFolder;
  /** Description, which follows the stack's name and a colon. */
  readonly description: string;
  readonly roleDescription: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Encrypts the function's log. */
  readonly logKey: IKey;
  /** Reserved concurrency, which is also the maximum. @default - unreserved */
  readonly reservedConcurrency?: number | undefined;
}

export const functionOptions = z.strictObject({
  reserveConcurrency: z
    .boolean()
    .default(false)
    .describe(
      'Whether capacity of the account is reserved for the functions, so that no other workload can delay a rotation, a ' +
        'revocation or the check of the audit log. It costs nothing, but Lambda always leaves 100 unreserved: an account ' +
        'with a smaller quota, as new ones have, refuses the deployment. See `aws lambda get-account-settings`.',
    ),
});

export interface BundledFunction {
  readonly lambda: Lambda;
  readonly role: Role;
  /** Failed runs. */
  readonly errors: IMetric;
  readonly logGroup: LogGroup;
}

/**
 * Creates a function of this repository that may only write its own log.
 *
 * It is not in the VPC: there its role would need permissions for every network interface of the account, deleting the
 * stack would wait for Lambda to release its interfaces, and with a NAT gateway its security group would allow any
 * destination, as the tasks' does. No tracing: it needs a permission for all resources, and each run logs a line. No
 * retries: the caller calls again.
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
  // CreateLogStream and PutLogEvents: AWSLambdaBasicExecutionRole without CreateLogGroup, because the group exists.
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
    // Without free concurrency an event waits until the next one arrives.
    maxEventAge: Duration.hours(1),
    ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
    environment: props.environment,
  });
  if (!props.reservedConcurrency) {
    acknowledge(
      lambda,
      'LambdaConcurrency',
      'An account with a quota of 100 or less, as new ones have, refuses any reservation; see functions.reserveConcurrency',
      ['nist', 'hipaa'],
    );
  }
  acknowledge(
    lambda,
    'LambdaInsideVPC',
    'It calls only AWS APIs over TLS; in the VPC its role would need permissions for every network interface',
  );
  const errors = lambda.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) });
  return { lambda, role, errors, logGroup };
}
