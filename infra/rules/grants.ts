import { ownersIn } from './statements.ts';
import {
  type FoundResource,
  listOf,
  type Properties,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const ROLE = 'AWS::IAM::Role';
/** Types whose `PolicyDocument` grants permissions to identities. */
const POLICIES = ['ManagedPolicy', 'Policy', 'RolePolicy', 'UserPolicy', 'GroupPolicy'];
/** Types that may contain inline policies. */
const HOLDERS = ['Role', 'User', 'Group'];

export interface IdentityPolicy {
  readonly logicalId: string;
  readonly document: Properties | undefined;
  /** Logical ids of the roles that have the policy. */
  readonly roles: readonly string[];
}

export interface Granted {
  readonly logicalId: string;
  /** Logical ids of the roles that have the statement. */
  readonly roles: readonly string[];
  readonly statement: Properties;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** Roles of a policy: the policy names them, or they name it. */
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

/** Every identity policy of the template, including inline ones. */
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

/** Every allowing statement of an identity policy in the template. */
export function grants(template: SynthesizedTemplate): readonly Granted[] {
  return template.derive(findGrants);
}

function findGrants(template: SynthesizedTemplate): readonly Granted[] {
  return identityPolicies(template).flatMap(({ logicalId, document, roles }) =>
    listOf(document?.['Statement'])
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({
        logicalId,
        roles,
        statement,
        actions: listOf(statement['Action']).map(String),
        resources: listOf(statement['Resource']),
      })),
  );
}
