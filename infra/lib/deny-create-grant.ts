import { Effect, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';

/**
 * Denies KMS grants except to AWS services, and to callers that use the key through one: no policy shows a grant, and
 * it outlasts the permission that created it (CT.KMS.PR.3).
 */
export function denyCreateGrant(key: Key): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'GrantsForServicesOnly',
      effect: Effect.DENY,
      principals: [new StarPrincipal()],
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: {
        BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
      },
    }),
  );
}
