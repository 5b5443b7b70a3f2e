import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type Secret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Denies the value of a secret to everybody but these roles and users, whatever IAM allows them: an administrator and
 * the account's root included. They must rotate, or change this policy, which CloudTrail tells.
 *
 * @param allow statements that let somebody in whom IAM does not
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
    // A caller without this key, such as a service, is nobody of the list either.
    conditions: { StringNotEquals: { 'aws:PrincipalArn': [...readerArns] } },
  });
  return new CfnResourcePolicy(secret, 'Readers', {
    secretId: secret.secretArn,
    blockPublicPolicy: true,
    resourcePolicy: new PolicyDocument({ statements: [...allow, deny] }),
  });
}
