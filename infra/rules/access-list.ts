import { readersOf } from './client-tokens.ts';
import type { Rule } from './rule.ts';
import { policiesOfSecret, taskSecrets } from './secrets.ts';
import { concerns, mentions } from './statements.ts';
import {
  type FoundResource,
  isEverybody,
  listOf,
  type Properties,
  type SynthesizedTemplate,
  taskRoles,
  taskVariable,
} from './synthesized-template.ts';

/** Actions that change the value; `UpdateSecret` is CloudFormation's. */
const WRITE = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'];

/** Whether a statement denies every principal, except some named ones, to change the value of this secret. */
function deniesWriting(statement: Properties, { logicalId }: FoundResource): boolean {
  const actions = listOf(statement['Action']).map(String);
  const { StringNotEquals, ...others } = statement['Condition'] ?? {};
  return (
    statement['Effect'] === 'Deny' &&
    isEverybody(statement) &&
    concerns(statement, [`<${logicalId}>`]) &&
    WRITE.every((action) => actions.includes(action)) &&
    Object.keys(others).length === 0 &&
    Object.keys(StringNotEquals ?? {}).every((key) => key === 'aws:PrincipalArn')
  );
}

/** Why a secret is no access list that only administrators change. */
function problems(template: SynthesizedTemplate, list: FoundResource): string[] {
  const roles = (arns: readonly unknown[] | undefined) =>
    arns?.flatMap((arn) => template.target(arn)?.logicalId ?? []);
  const tasks = taskRoles(template, ['TaskRoleArn']);
  const readers = roles(readersOf(template, list));
  const statements = policiesOfSecret(template, list).flatMap(({ properties }) =>
    listOf(properties['ResourcePolicy']?.Statement),
  );
  const writing = statements.filter((statement) => deniesWriting(statement, list));
  const writers = writing.flatMap(
    ({ Condition }) => roles(listOf(Condition?.StringNotEquals?.['aws:PrincipalArn'])) ?? [],
  );
  return [
    readers?.every((role) => tasks.includes(role))
      ? []
      : ['its policy must deny the value to all but the tasks and the administrators'],
    writing.length > 0 && writers.length === 0
      ? []
      : ['its policy must deny changing the value to all but the administrators'],
  ].flat();
}

export const accessListRules: readonly Rule[] = [
  {
    id: 'AccessListRestricted',
    control:
      'Tasks read a list of who and what is denied, which only the administrators change, so that a cut-off needs no deployment',
    fsbp: [],
    file: 'infra/constructs/secrets/secrets.ts',
    check: (template) => {
      const variable = taskVariable(template, 'MCP_ACCESS_LIST');
      const [list] = taskSecrets(template).filter(({ logicalId }) => mentions(variable, logicalId));
      if (list !== undefined)
        return problems(template, list).map((problem) => ({ logicalId: list.logicalId, problem }));
      const [task] = template.all('AWS::ECS::TaskDefinition');
      const problem = 'MCP_ACCESS_LIST must refer to a secret of this template';
      return [{ logicalId: task?.logicalId ?? 'AWS::ECS::TaskDefinition', problem }];
    },
  },
];
