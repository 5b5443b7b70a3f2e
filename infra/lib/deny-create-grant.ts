import { Effect, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';

/**
 * Lets nobody but services of AWS, and whoever uses the key through one, hand a key on by a grant: no policy shows a
 * grant, and it outlasts the one that let it be made (CT.KMS.PR.3).
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
