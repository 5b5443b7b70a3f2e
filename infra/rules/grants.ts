import { ownersIn } from './statements.ts';
import {
  type FoundResource,
  listOf,
  type Properties,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const ROLE = 'AWS::IAM::Role';
/** Whose `PolicyDocument` says what somebody may do. */
const POLICIES = ['ManagedPolicy', 'Policy', 'RolePolicy', 'UserPolicy', 'GroupPolicy'];
/** Who may have policies within. */
const HOLDERS = ['Role', 'User', 'Group'];

export interface IdentityPolicy {
  readonly logicalId: string;
  readonly document: Properties | undefined;
  /** Logical ids of the roles that have it. */
  readonly roles: readonly string[];
}

export interface Granted {
  readonly logicalId: string;
  readonly statement: Properties;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** Whom a policy is given to: it names its roles, or they name it. */
function rolesOf({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): readonly string[] {
  const named = [...listOf(properties['Roles']), ...listOf(properties['RoleName'])];
  const holders = template
    .all(ROLE)
    .filter((role) =>
      listOf(role.properties['ManagedPolicyArns']).some(
        (policy) => template.target(policy)?.logicalId === logicalId,
      ),
    );
  return [...named.flatMap(ownersIn), ...holders.map((role) => role.logicalId)];
}

/** Every policy of an identity in the template, inline ones included. */
export function identityPolicies(template: SynthesizedTemplate): readonly IdentityPolicy[] {
  return template.derive(findIdentityPolicies);
}

function findIdentityPolicies(template: SynthesizedTemplate): readonly IdentityPolicy[] {
  return [
    ...POLICIES.flatMap((type) => template.all(`AWS::IAM::${type}`)).map((policy) => ({
      logicalId: policy.logicalId,
      document: policy.properties['PolicyDocument'],
      roles: rolesOf(policy, template),
    })),
    ...HOLDERS.flatMap((type) => template.all(`AWS::IAM::${type}`)).flatMap(({ logicalId, properties }) =>
      listOf(properties['Policies']).map(({ PolicyDocument }) => ({
        logicalId,
        document: PolicyDocument,
        roles: [logicalId],
      })),
    ),
  ];
}

/** Every allowing statement of an identity in the template. */
export function grants(template: SynthesizedTemplate): readonly Granted[] {
  return template.derive(findGrants);
}

function findGrants(template: SynthesizedTemplate): readonly Granted[] {
  return identityPolicies(template).flatMap(({ logicalId, document }) =>
    listOf(document?.['Statement'])
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({
        logicalId,
        statement,
        actions: listOf(statement['Action']).map(String),
        resources: listOf(statement['Resource']),
      })),
  );
}
