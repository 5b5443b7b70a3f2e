import { identityPolicies } from './grants.ts';
import { auditLogs } from './logs.ts';
import { every, must, type Problems, type Rule } from './rule.ts';
import { isAccessList, isTokenList, taskSecrets } from './secrets.ts';
import { coversAction, mentions, textOf } from './statements.ts';
import { isService, listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const TASK = 'AWS::ECS::TaskDefinition';
const made = { file: 'infra/constructs/task/server.ts' };

/** Actions that return the value of a secret. */
const READS_SECRET = ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue'];
const WRITES_LOG = ['logs:PutLogEvents', 'logs:CreateLogStream'];

interface Containers {
  readonly service: Properties;
  /** The containers behind it. */
  readonly servers: readonly Properties[];
  readonly task: Properties;
}

/** A check of each task in which containers run behind the service. */
function everyShared(
  problemsOf: (containers: Containers, template: SynthesizedTemplate) => Problems,
): Rule['check'] {
  return every(TASK, (task, template) => {
    const containers = listOf(task['ContainerDefinitions']);
    const [service] = containers.filter((container) => isService(container, template));
    const servers = containers.filter((container) => !isService(container, template));
    return service === undefined || servers.length === 0
      ? []
      : problemsOf({ service, servers, task }, template);
  });
}

/** The rights that identity policies give a role, by action and resource. `NotAction` may be any action. */
function allowed(role: unknown, template: SynthesizedTemplate) {
  const logicalId = template.target(role)?.logicalId ?? '';
  return identityPolicies(template)
    .filter(({ roles }) => roles.includes(logicalId))
    .flatMap(({ document }) => listOf(document?.['Statement']))
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action = '*', Resource = '*' }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource: unknown) => ({ action: String(action), resource })),
      ),
    );
}

/** The ARN of the secret that ECS injects, without the JSON key. */
function injectedArn({ ValueFrom }: Properties): string {
  return textOf(ValueFrom).replace(/:[^:]*::$/, '');
}

export const serverRules: readonly Rule[] = [
  {
    id: 'OnlyServiceListens',
    control: 'Only the service has a port mapping; a server behind it is reached from within the task',
    fsbp: [],
    ...made,
    check: everyShared(({ servers }) =>
      servers.map(
        ({ Name, PortMappings }) => listOf(PortMappings).length > 0 && `${Name}: PortMappings must be absent`,
      ),
    ),
  },
  {
    id: 'ServiceStartsFirst',
    control:
      'A server starts after the service is healthy and stops before it, so it cannot take its port and the clients’ tokens',
    fsbp: [],
    ...made,
    check: everyShared(({ service, servers }) => [
      service['DependsOn'] !== undefined && `${service['Name']}: DependsOn must be absent`,
      ...servers.flatMap(({ Name, DependsOn, StopTimeout }) => [
        !listOf(DependsOn).some(
          ({ ContainerName, Condition }) => ContainerName === service['Name'] && Condition === 'HEALTHY',
        ) && `${Name}: DependsOn must have ${service['Name']} with condition HEALTHY`,
        !(StopTimeout <= 10) && `${Name}: StopTimeout must be 10 or less, got ${StopTimeout}`,
      ]),
    ]),
  },
  {
    id: 'SeparateUsers',
    control: 'Every container of a task runs as a user and a group of its own',
    fsbp: [],
    ...made,
    check: everyShared(({ service, servers }) =>
      servers.map(({ Name, User }) => {
        const shared = String(User)
          .split(':')
          .some((id) => String(service['User']).split(':').includes(id));
        return shared && `${Name}: User must differ from the service's ${service['User']}, got ${User}`;
      }),
    ),
  },
  {
    id: 'OnlyServiceWritesAudit',
    control: 'No container but the service can write to the audit log, so that none can forge a record',
    fsbp: [],
    ...made,
    check: everyShared(({ servers, task }, template) => {
      const logs = auditLogs(template).map(({ logicalId }) => logicalId);
      return [
        ...servers.map(
          ({ Name, LogConfiguration }) =>
            mentions(LogConfiguration?.Options?.['awslogs-group'], logs[0] ?? '') &&
            `${Name}: awslogs-group must be another than the service's`,
        ),
        ...allowed(task['TaskRoleArn'], template).map(
          ({ action, resource }) =>
            coversAction(action, WRITES_LOG) &&
            (/[*?]/.test(textOf(resource)) || logs.some((log) => mentions(resource, log))) &&
            `the task role must not have ${action} on ${textOf(resource)}`,
        ),
      ];
    }),
  },
  {
    id: 'TaskRoleReadsNoKey',
    control:
      'The task role, whose credentials ECS gives to every container, reads no secret of the service but the hashes of tokens and the list of what is denied',
    fsbp: [],
    ...made,
    check: everyShared(({ task }, template) => {
      const lists = taskSecrets(template).filter((secret) => isTokenList(secret) || isAccessList(secret));
      return allowed(task['TaskRoleArn'], template).map(
        ({ action, resource }) =>
          coversAction(action, READS_SECRET) &&
          !lists.some(({ logicalId }) => mentions(resource, logicalId)) &&
          `the task role must not have ${action} on ${textOf(resource)}`,
      );
    }),
  },
  {
    id: 'InjectedSecretsNamed',
    control:
      'ECS can read only the secrets that it gives to a container, and gives the service only its audit key',
    fsbp: [],
    ...made,
    check: everyShared(({ service, servers, task }, template) => {
      const injected = [service, ...servers].flatMap(({ Secrets }) => listOf(Secrets));
      const audit = listOf(service['Environment']).find(({ Name }) => Name === 'MCP_AUDIT_KEY')?.['Value'];
      return [
        ...listOf(service['Secrets']).map(
          ({ Name }) => `env:${Name}` !== audit && `Secrets: ${Name} must be read by the service itself`,
        ),
        ...servers.flatMap(({ Name, Secrets }) =>
          listOf(Secrets).map(
            ({ ValueFrom }) =>
              taskSecrets(template).some(
                ({ logicalId }) =>
                  mentions(ValueFrom, logicalId) &&
                  JSON.stringify([service['Environment'], service['Secrets']]).includes(logicalId),
              ) && `${Name}: Secrets must not have a secret of the service`,
          ),
        ),
        ...allowed(task['ExecutionRoleArn'], template).map(
          ({ action, resource }) =>
            coversAction(action, READS_SECRET) &&
            !injected.some((one) => injectedArn(one) === textOf(resource)) &&
            `the execution role must not have ${action} on ${textOf(resource)}, which no container gets`,
        ),
      ];
    }),
  },
  {
    id: 'ContainerMemoryLimits',
    control: 'With a server in the task, each container has its own limit of memory, and all fit the task',
    fsbp: [],
    ...made,
    check: everyShared(({ service, servers, task }) => {
      const containers = [service, ...servers];
      const total = (name: string) => containers.reduce((sum, one) => sum + Number(one[name]), 0);
      return [
        ...containers.flatMap(({ Name, Memory, Cpu }) => [
          !(Memory > 0) && `${Name}: Memory must be set`,
          !(Cpu > 0) && `${Name}: Cpu must be set`,
        ]),
        total('Memory') > Number(task['Memory']) && 'Memory of the containers must fit that of the task',
        total('Cpu') > Number(task['Cpu']) && 'Cpu of the containers must fit that of the task',
        !(service['Memory'] >= 512) && `Memory of the service must be 512 or more, got ${service['Memory']}`,
      ];
    }),
  },
  {
    id: 'ServerRestarts',
    control: 'A server that ends is started again beside the running service',
    fsbp: [],
    ...made,
    check: everyShared(({ service, servers }) => [
      // Meanwhile another container could take its port.
      service['RestartPolicy'] !== undefined && `${service['Name']}: RestartPolicy must be absent`,
      ...servers.map(({ Name, RestartPolicy }) => {
        const problem = must('RestartPolicy.Enabled', RestartPolicy?.Enabled, true);
        return problem && `${Name}: ${problem}`;
      }),
    ]),
  },
  {
    id: 'ServerAlarms',
    control: 'Changed tools and failures of a server behind the service raise alarms',
    fsbp: [],
    file: 'infra/constructs/log-metrics.ts',
    check: everyShared((_containers, template) => {
      const counted = template
        .all('AWS::Logs::MetricFilter')
        .map(({ properties }) => String(properties['FilterPattern']));
      const events = ['tool_changed', 'resource_changed', 'prompt_changed'].map(
        (name) => `$.event = "${name}"`,
      );
      return [...events, '$.errorCode = "server_unavailable"'].map(
        (pattern) => !counted.some((one) => one.includes(pattern)) && `no metric filter counts ${pattern}`,
      );
    }),
  },
];
