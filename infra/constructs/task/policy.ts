import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as z from 'zod';
import { listOf, text } from '../../lib/option-types.ts';

/**
 * IAM permissions for a fork's tools, with explicit actions and resources. Conditions are refused, because no rule
 * checks them.
 */
export const policyStatement = z.strictObject({
  actions: listOf(text(/^[a-z0-9-]+:[A-Za-z0-9]{1,128}$/, 'an action such as s3:GetObject'), {
    min: 1,
    max: 50,
  }).describe('Actions such as `s3:GetObject`, without a wildcard.'),
  resources: listOf(
    text(/^arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:[^\s?$]+$/, 'the ARN of a resource'),
    { min: 1, max: 50 },
  ).describe('ARNs. A wildcard in one is a policy finding, which fails synth until it is acknowledged.'),
});

/** Grants the role exactly these statements, besides its own. */
export function grantStatements(role: IRole, statements: readonly z.output<typeof policyStatement>[]): void {
  for (const { actions, resources } of statements) {
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
