import { grants } from './grants.ts';
import type { Rule } from './rule.ts';
import { ownersIn, textOf } from './statements.ts';
import {
  listOf,
  type Properties,
  type Stated,
  type SynthesizedTemplate,
  taskContainers,
  taskRoles,
  taskVariable,
} from './synthesized-template.ts';

/** ARNs of the secrets that a container's environment refers to, as `textOf` writes them. */
function referencedSecrets(template: SynthesizedTemplate): ReadonlySet<string> {
  const values = taskContainers(template).flatMap(({ Environment }) =>
    listOf(Environment).map(({ Value }) => textOf(Value)),
  );
  const found = values.flatMap((value) => [
    ...value.matchAll(/aws-secretsmanager:(<\w+>|arn:[\w:/+=.@-]+)/g),
  ]);
  return new Set(found.map(([, arn]) => arn ?? ''));
}

/** Uses of a key, without a right to the data that a service encrypts with it. */
const KEY_USE = /^kms:(?:Decrypt|Encrypt|GenerateDataKey[\w*]*|ReEncrypt[\w*]+|DescribeKey)$/;

/** Whether a statement is one of the service's own: read its secrets, connect to the rate limit store. */
function isOfService(
  statement: Properties,
  secrets: ReadonlySet<string>,
  template: SynthesizedTemplate,
): boolean {
  const actions = listOf(statement['Action']).map(String);
  const resources = listOf(statement['Resource']);
  if (actions.every((action) => action === 'secretsmanager:GetSecretValue'))
    return resources.length > 0 && resources.every((one) => secrets.has(textOf(one)));
  return (
    actions.every((action) => action === 'elasticache:Connect') &&
    taskVariable(template, 'MCP_RATE_LIMIT_STORE_IAM') !== undefined &&
    resources.every((one) => template.target(one)?.resource.Type.startsWith('AWS::ElastiCache::'))
  );
}

/** Whether a statement is the use of a key through a service, which also asks for the right to the data. */
function isThroughService(statement: Properties): boolean {
  const actions = listOf(statement['Action']).map(String);
  const via = statement['Condition']?.StringEquals?.['kms:ViaService'];
  return actions.every((action) => KEY_USE.test(action)) && via !== undefined;
}

/** Whether the configuration states each action for each resource, or the resource is one that a fork adds. */
function isStated(statement: Properties, { rights, additions }: Stated): boolean {
  const actions = listOf(statement['Action']).map(String);
  const isAddition = (resource: unknown) => {
    const owners = ownersIn(resource).filter((owner) => owner !== 'AWS');
    return owners.length > 0 && owners.every((owner) => additions.includes(owner));
  };
  const isRight = (action: string, resource: string) =>
    rights.some((right) => right.actions.includes(action) && right.resources.includes(resource));
  return listOf(statement['Resource']).every(
    (resource) => isAddition(resource) || actions.every((action) => isRight(action, textOf(resource))),
  );
}

export const taskRoleRules: readonly Rule[] = [
  {
    id: 'TaskRoleAsStated',
    control:
      'The task role may do only what the service needs, what its tools and the configuration state, and what concerns resources of a fork',
    fsbp: [],
    file: 'infra/constructs/task/task.ts',
    check: (template) => {
      const roles = taskRoles(template, ['TaskRoleArn']);
      const secrets = referencedSecrets(template);
      return grants(template)
        .filter((grant) => grant.roles.some((role) => roles.includes(role)))
        .filter(
          ({ statement }) =>
            // Rights by exclusion are none that anything states.
            statement['NotAction'] !== undefined ||
            statement['NotResource'] !== undefined ||
            !(
              isOfService(statement, secrets, template) ||
              isThroughService(statement) ||
              isStated(statement, template.stated)
            ),
        )
        .map(({ logicalId, actions, resources }) => ({
          logicalId,
          problem: `no tool states ${actions.join(', ')} on ${resources.map(textOf).join(', ')}: state it in the tool's needs.awsActions`,
        }));
    },
  },
];
