import type { Template } from 'aws-cdk-lib/assertions';
import { all } from './templates.ts';

/** A caller: a role of the stack, or another principal by ARN; a service has none. */
export interface Caller {
  /** Logical id of a role of the stack. */
  readonly role?: string;
  readonly arn?: string;
  /** Whether its own IAM policies allow everything. */
  readonly everything?: boolean;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Principal?: { readonly AWS: unknown };
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const READ = 'secretsmanager:GetSecretValue';

/**
 * Whether IAM would let a caller get a secret's value: an explicit deny wins, then an allow of the secret's policy or
 * of the caller's own. It knows the conditions that the stack uses there, and no others.
 *
 * @param secret logical id
 */
export function mayRead(template: Template, caller: Caller, secret: string): boolean {
  const arn = caller.role ? { 'Fn::GetAtt': [caller.role, 'Arn'] } : caller.arn;
  const ofSecret = all(template, 'AWS::SecretsManager::ResourcePolicy')
    .filter(({ Properties }) => Properties.SecretId.Ref === secret)
    .flatMap(({ Properties }) => Properties.ResourcePolicy.Statement as Statement[])
    .filter(({ Action }) => [Action].flat().includes(READ));
  const applies = (statement: Statement) =>
    isAmong(arn, statement.Principal?.AWS) && conditionsHold(statement, arn);
  if (ofSecret.some((statement) => statement.Effect === 'Deny' && applies(statement))) return false;
  if (ofSecret.some((statement) => statement.Effect === 'Allow' && applies(statement))) return true;
  return caller.everything === true || identityAllows(template, caller, secret);
}

function identityAllows(template: Template, { role }: Caller, secret: string): boolean {
  return all(template, 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[])
    .some(
      ({ Action, Resource }) => [Action].flat().includes(READ) && isAmong({ Ref: secret }, [Resource].flat()),
    );
}

function conditionsHold({ Condition = {} }: Statement, arn: unknown): boolean {
  return Object.entries(Condition).every(([operator, keys]) => {
    const names = Object.keys(keys);
    if (operator !== 'StringNotEquals' || names.join() !== 'aws:PrincipalArn')
      throw new Error(`no evaluation of ${operator} ${names.join()}`);
    // A negated operator holds for a caller that does not have the key.
    return arn === undefined || !isAmong(arn, keys['aws:PrincipalArn']);
  });
}

function isAmong(value: unknown, values: unknown): boolean {
  const text = JSON.stringify(value);
  return [values].flat().some((one) => one === '*' || JSON.stringify(one) === text);
}
