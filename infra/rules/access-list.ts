import { isDeepStrictEqual } from 'node:util';
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

/** Events of Secrets Manager when a secret has a new value; `resources` names the secret. */
const NEW_VALUE = {
  source: ['aws.secretsmanager'],
  'detail-type': ['Secret Label Updated'],
  detail: { labelUpdated: ['AWSCURRENT'] },
};

/** The secret in which tasks find the list. */
function accessList(template: SynthesizedTemplate): FoundResource | undefined {
  const variable = taskVariable(template, 'MCP_ACCESS_LIST');
  return taskSecrets(template).find(({ logicalId }) => mentions(variable, logicalId));
}

/** Whether an event rule matches every new value of this secret. */
function seesWrites(
  { properties: { EventPattern, EventBusName, State } }: FoundResource,
  { logicalId }: FoundResource,
  template: SynthesizedTemplate,
): boolean {
  const { resources, ...pattern } = (EventPattern ?? {}) as Properties;
  return (
    isDeepStrictEqual(pattern, NEW_VALUE) &&
    listOf(resources).some((arn) => template.target(arn)?.logicalId === logicalId) &&
    EventBusName === undefined &&
    (State ?? 'ENABLED') === 'ENABLED'
  );
}

/** Whether an alarm goes off at the first event that a rule matches. */
function countsEvents(
  { properties }: FoundResource,
  rule: FoundResource,
  template: SynthesizedTemplate,
): boolean {
  const { Namespace, MetricName, Dimensions, Statistic, Threshold, ComparisonOperator } = properties;
  return (
    `${Namespace} ${MetricName} ${Statistic}` === 'AWS/Events MatchedEvents Sum' &&
    listOf(Dimensions).length === 1 &&
    listOf(Dimensions).every(
      ({ Name, Value }) => Name === 'RuleName' && template.target(Value)?.logicalId === rule.logicalId,
    ) &&
    Number(Threshold) === 1 &&
    ComparisonOperator === 'GreaterThanOrEqualToThreshold'
  );
}

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
      const list = accessList(template);
      if (list !== undefined)
        return problems(template, list).map((problem) => ({ logicalId: list.logicalId, problem }));
      const [task] = template.all('AWS::ECS::TaskDefinition');
      const problem = 'MCP_ACCESS_LIST must refer to a secret of this template';
      return [{ logicalId: task?.logicalId ?? 'AWS::ECS::TaskDefinition', problem }];
    },
  },
  {
    id: 'AccessListChangesNotify',
    control: 'Every new value of the access list raises an alarm, also if no task reads it',
    fsbp: [],
    file: 'infra/constructs/secrets/access-list-events.ts',
    check: (template) => {
      const list = accessList(template);
      // AccessListRestricted reports it.
      if (list === undefined) return [];
      const rules = template.all('AWS::Events::Rule').filter((rule) => seesWrites(rule, list, template));
      const alarmed = template
        .all('AWS::CloudWatch::Alarm')
        .some((alarm) => rules.some((rule) => countsEvents(alarm, rule, template)));
      if (alarmed) return [];
      const problem =
        rules.length === 0
          ? 'no event rule matches its new values'
          : 'no alarm counts the events of its new values';
      return [{ logicalId: list.logicalId, problem }];
    },
  },
];
