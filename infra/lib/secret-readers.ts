import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type Secret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Denies reading a secret's value to all principals except these roles and users, whatever IAM allows them, including
 * administrators and the account's root. To read it, an administrator would have to rotate the secret or change this
 * policy, which CloudTrail records.
 *
 * @param allow statements that allow principals that IAM does not
 */
export function denyReadExcept(
  secret: Secret,
  readerArns: readonly string[],
  allow: readonly PolicyStatement[] = [],
): CfnResourcePolicy {
  const deny = new PolicyStatement({
    sid: 'NobodyElseReads',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['secretsmanager:GetSecretValue'],
    resources: ['*'],
    // A caller without this key, such as a service, is denied too.
    conditions: { StringNotEquals: { 'aws:PrincipalArn': [...readerArns] } },
  });
  return new CfnResourcePolicy(secret, 'Readers', {
    secretId: secret.secretArn,
    blockPublicPolicy: true,
    resourcePolicy: new PolicyDocument({ statements: [...allow, deny] }),
  });
}
