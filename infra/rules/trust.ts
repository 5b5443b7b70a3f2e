import type { Rule } from './rule.ts';
import { isThisAccount } from './statements.ts';
import { listOf, type Properties, taskRoles } from './synthesized-template.ts';

const TASKS = 'ecs-tasks.amazonaws.com';

/** The problem of a trust policy that allows principals other than one AWS service. */
function trustOf({ Principal }: Properties): string | false {
  const one = /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/.test(String(Principal?.Service));
  return (
    !(one && Object.keys(Principal).length === 1) &&
    'AssumeRolePolicyDocument must name a service and no other principal'
  );
}

/** The problem of a task role's trust policy that allows principals other than tasks of this account. */
function taskTrustOf({ Principal, Condition }: Properties): readonly (string | false)[] {
  return [
    String(Principal?.Service) !== TASKS && `AssumeRolePolicyDocument must name ${TASKS} alone`,
    !isThisAccount(Condition?.StringEquals?.['aws:SourceAccount']) &&
      'trust must be bound by aws:SourceAccount to this account',
  ];
}

export const trustRules: readonly Rule[] = [
  {
    id: 'TrustedServicesOnly',
    control: 'A role can be assumed by one AWS service only; task roles by ECS for this account',
    fsbp: [],
    file: 'infra/constructs/task/task.ts',
    check: (template) => {
      const roles = template.all('AWS::IAM::Role');
      if (roles.length === 0) return [{ problem: 'there is no AWS::IAM::Role' }];
      const ofTasks = taskRoles(template);
      return roles.flatMap(({ logicalId, properties }) => {
        const statements = listOf(properties['AssumeRolePolicyDocument']?.Statement);
        const services = new Set(statements.map(({ Principal }) => String(Principal?.Service)));
        return [
          ...statements.map(trustOf),
          services.size > 1 && 'AssumeRolePolicyDocument must name one service, not several',
          ...(ofTasks.includes(logicalId) ? statements.flatMap(taskTrustOf) : []),
        ].flatMap((problem) => (problem ? [{ logicalId, problem }] : []));
      });
    },
  },
];
