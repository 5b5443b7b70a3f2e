import { grants } from './grants.ts';
import type { Rule } from './rule.ts';
import { textOf } from './statements.ts';
import {
  listOf,
  type Properties,
  type StatedRights,
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

/** Whether a statement is one of the service's own: read and decrypt its secrets, connect to the rate limit store. */
function isOfService(
  statement: Properties,
  secrets: ReadonlySet<string>,
  template: SynthesizedTemplate,
): boolean {
  const actions = listOf(statement['Action']).map(String);
  const resources = listOf(statement['Resource']).map(textOf);
  const named = (texts: readonly string[]) => texts.length > 0 && texts.every((text) => secrets.has(text));
  if (actions.every((action) => action === 'secretsmanager:GetSecretValue')) return named(resources);
  if (actions.every((action) => action === 'kms:Decrypt')) {
    const context = statement['Condition']?.StringEquals?.['kms:EncryptionContext:SecretARN'];
    return named(listOf(context).map(textOf));
  }
  return (
    actions.every((action) => action === 'elasticache:Connect') &&
    taskVariable(template, 'MCP_RATE_LIMIT_STORE_IAM') !== undefined &&
    listOf(statement['Resource']).every((one) =>
      template.target(one)?.resource.Type.startsWith('AWS::ElastiCache::'),
    )
  );
}

/** Whether the configuration states each of the actions for each of the resources. */
function isStated(statement: Properties, stated: readonly StatedRights[]): boolean {
  const actions = listOf(statement['Action']).map(String);
  const resources = listOf(statement['Resource']).map(textOf);
  return (
    statement['NotAction'] === undefined &&
    statement['NotResource'] === undefined &&
    actions.every((action) =>
      resources.every((resource) =>
        stated.some((rights) => rights.actions.includes(action) && rights.resources.includes(resource)),
      ),
    )
  );
}

export const taskRoleRules: readonly Rule[] = [
  {
    id: 'TaskRoleAsStated',
    control:
      'The task role may do only what the service needs and what its tools and the configuration state',
    fsbp: [],
    file: 'infra/constructs/task/task.ts',
    check: (template) => {
      const roles = taskRoles(template, ['TaskRoleArn']);
      const secrets = referencedSecrets(template);
      return grants(template)
        .filter((grant) => grant.roles.some((role) => roles.includes(role)))
        .filter(
          ({ statement }) =>
            !isOfService(statement, secrets, template) && !isStated(statement, template.stated),
        )
        .map(({ logicalId, actions, resources }) => ({
          logicalId,
          problem: `no tool states ${actions.join(', ')} on ${resources.map(textOf).join(', ')}: state it in the tool's needs.awsActions`,
        }));
    },
  },
];
