import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type Secret } from 'aws-cdk-lib/aws-secretsmanager';

/** Changes of a secret's value by an administrator. `UpdateSecret` is not among them, because CloudFormation uses it. */
const WRITE = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'];

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
  const deny = denialExcept('DenyOtherReaders', ['secretsmanager:GetSecretValue'], readerArns);
  return restrict(secret, [...allow, deny]);
}

/** The same, and denies changing the value to all principals except the writers, who also read it. */
export function denyUseExcept(
  secret: Secret,
  {
    readerArns,
    writerArns,
  }: { readonly readerArns: readonly string[]; readonly writerArns: readonly string[] },
): CfnResourcePolicy {
  return restrict(secret, [
    denialExcept('DenyOtherReaders', ['secretsmanager:GetSecretValue'], [...readerArns, ...writerArns]),
    denialExcept('DenyOtherWriters', WRITE, writerArns),
  ]);
}

/** @param arns roles and users. If there is none, the denial has no exception */
function denialExcept(sid: string, actions: string[], arns: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: ['*'],
    // A caller without this key, such as a service, is denied too.
    ...(arns.length > 0 && { conditions: { StringNotEquals: { 'aws:PrincipalArn': [...arns] } } }),
  });
}

function restrict(secret: Secret, statements: PolicyStatement[]): CfnResourcePolicy {
  return new CfnResourcePolicy(secret, 'Readers', {
    secretId: secret.secretArn,
    blockPublicPolicy: true,
    resourcePolicy: new PolicyDocument({ statements }),
  });
}
