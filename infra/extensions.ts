import type { StackParts } from './stack-parts.ts';

/**
 * Adds your resources to the stack of each stage. This file is yours: releases of the kit do not change it.
 *
 * The rules of the kit and cdk-nag check your resources as they check its own. A finding prints the code that
 * acknowledges it. Give your tools the name of a resource by a setting, and its permissions by a grant.
 *
 * @example A queue to which the tools may send
 * import { Queue } from 'aws-cdk-lib/aws-sqs';
 * import { acknowledge } from './acknowledge.ts';
 *
 * export function extend({ scope, taskRole }: StackParts): void {
 *   const jobs = new Queue(scope, 'Jobs', { enforceSSL: true });
 *   jobs.grantSendMessages(taskRole);
 *   acknowledge(jobs, 'AwsSolutions-SQS3', 'A job that fails is logged by its consumer and may be lost.');
 * }
 */
export function extend(_parts: StackParts): void {}
