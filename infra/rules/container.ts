import { every, must, type Problems, type Rule } from './rule.ts';
import { textOf } from './statements.ts';
import { isService, listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const TASK = 'AWS::ECS::TaskDefinition';
const made = { file: 'infra/constructs/task/task.ts' };

/** A check of each container of each task. */
function everyContainer(
  problemsOf: (container: Properties, template: SynthesizedTemplate) => Problems,
): Rule['check'] {
  return every(TASK, ({ ContainerDefinitions }, template) => {
    const containers = listOf(ContainerDefinitions);
    if (containers.length === 0) return ['has no container'];
    return containers.flatMap((container) =>
      problemsOf(container, template).map((problem) => problem && `${container['Name']}: ${problem}`),
    );
  });
}

/** A check of the service's container in each task. */
function everyService(
  problemsOf: (container: Properties, template: SynthesizedTemplate) => Problems,
): Rule['check'] {
  return (template) => [
    ...everyContainer((container, view) => (isService(container, view) ? problemsOf(container, view) : []))(
      template,
    ),
    ...every(TASK, ({ ContainerDefinitions }) => [
      !listOf(ContainerDefinitions).some((container) => isService(container, template)) &&
        'a container must be the one that the load balancer sends requests to',
    ])(template),
  ];
}

/** A name whose value is a secret. */
export const SECRET_NAME = /PASSWORD|SECRET|TOKEN|CREDENTIAL|PRIVATE|_KEY$|API_?KEY/i;
const REFERENCE = /^(?:aws-secretsmanager:|vault:)/;

function plainSecret({ Name, Value }: Properties, injected: readonly string[]): string | false {
  const text = typeof Value === 'string' ? Value : JSON.stringify(Value ?? '');
  if (text.includes('{{resolve:')) return `${Name} is resolved into the environment`;
  if (Name === 'MCP_TOOL_CONFIG') return plainToolSecret(Value);
  const start = typeof Value === 'string' ? Value : String(Value?.['Fn::Join']?.[1]?.[0] ?? '');
  const isReference = REFERENCE.test(start) || injected.some((name) => text === `env:${name}`);
  // MAX_TOKENS=1000 counts tokens.
  const isCount = /TOKENS$/i.test(Name) && /^\d+$/.test(text);
  return SECRET_NAME.test(Name) && !isReference && !isCount && `${Name} must be a reference to a secret`;
}

/** The tools' values are JSON, whose secrets are references. */
function plainToolSecret(value: unknown): string | false {
  let tools: Readonly<Record<string, { readonly secrets?: Readonly<Record<string, unknown>> }>>;
  try {
    tools = JSON.parse(textOf(value));
  } catch {
    return 'MCP_TOOL_CONFIG must be JSON';
  }
  const plain = Object.values(tools)
    .flatMap(({ secrets = {} }) => Object.entries(secrets))
    .filter(([, reference]) => !REFERENCE.test(String(reference)));
  return (
    plain.length > 0 && `MCP_TOOL_CONFIG must have a reference for ${plain.map(([name]) => name).join(', ')}`
  );
}

/** An image that CDK pushes to a repository of this account, or one with a digest. */
const PINNED =
  /@sha256:[0-9a-f]{64}\b|AWS::AccountId\W+\.dkr\.ecr\..*\/cdk-[a-z0-9]+-container-assets.*:[0-9a-f]{64}\b/;

export const containerRules: readonly Rule[] = [
  {
    id: 'ReadOnlyRootFilesystem',
    control: 'No container can write to its root file system',
    fsbp: ['ECS.5'],
    ...made,
    check: everyContainer((container) => [
      must('ReadonlyRootFilesystem', container['ReadonlyRootFilesystem'], true),
    ]),
  },
  {
    id: 'NonRootUser',
    control: 'Every container runs as a numeric user and group that are not root',
    fsbp: ['ECS.20'],
    ...made,
    check: everyContainer(({ User }) => [
      !/^[1-9]\d*:[1-9]\d*$/.test(User ?? '') &&
        `User must be UID:GID above 0, got ${JSON.stringify(User) ?? 'nothing'}`,
    ]),
  },
  {
    id: 'NotPrivileged',
    control: 'No container is privileged',
    fsbp: ['ECS.4'],
    ...made,
    check: everyContainer(({ Privileged }) => [must('Privileged', Privileged, false)]),
  },
  {
    id: 'NoCapabilities',
    control: 'Every Linux capability is dropped and none is added',
    fsbp: [],
    ...made,
    check: everyContainer(({ LinuxParameters }) => [
      must('LinuxParameters.Capabilities', LinuxParameters?.Capabilities, { Drop: ['ALL'] }),
    ]),
  },
  {
    id: 'InitProcess',
    control: 'An init process reaps children and passes signals on',
    fsbp: [],
    ...made,
    check: everyContainer(({ LinuxParameters }) => [
      must('LinuxParameters.InitProcessEnabled', LinuxParameters?.InitProcessEnabled, true),
    ]),
  },
  {
    id: 'NoWritableMount',
    control:
      'The service has no volume, device or temporary file system; a server behind it at most an empty /tmp of its own',
    fsbp: [],
    ...made,
    check: (template) => [
      ...every(TASK, ({ Volumes, ContainerDefinitions }) => {
        const users = listOf(ContainerDefinitions).filter((container) => !isService(container, template));
        return listOf(Volumes).flatMap(({ Name, ...rest }) => [
          Object.keys(rest).length > 0 &&
            `Volumes: ${Name} must be empty, got ${Object.keys(rest).join(', ')}`,
          users.filter(({ MountPoints }) => listOf(MountPoints).some((one) => one['SourceVolume'] === Name))
            .length !== 1 && `Volumes: ${Name} must be mounted by one container behind the service`,
        ]);
      })(template),
      ...everyContainer(({ MountPoints, VolumesFrom, LinuxParameters, ...container }) => [
        listOf(MountPoints).some(
          ({ ContainerPath }) => isService(container, template) || ContainerPath !== '/tmp',
        ) && 'MountPoints must be absent, or /tmp of a server behind the service',
        listOf(VolumesFrom).length > 0 && 'VolumesFrom must be absent',
        listOf(LinuxParameters?.Tmpfs).length > 0 && 'LinuxParameters.Tmpfs must be absent',
        listOf(LinuxParameters?.Devices).length > 0 && 'LinuxParameters.Devices must be absent',
      ])(template),
    ],
  },
  {
    id: 'OwnNamespaces',
    control: 'Tasks have a network interface of their own and share no namespace with a host',
    fsbp: ['ECS.3', 'ECS.17'],
    ...made,
    check: every(TASK, ({ NetworkMode, PidMode, IpcMode, RequiresCompatibilities }) => [
      must('NetworkMode', NetworkMode, 'awsvpc'),
      must('RequiresCompatibilities', RequiresCompatibilities, ['FARGATE']),
      PidMode !== undefined && 'PidMode must be absent',
      IpcMode !== undefined && 'IpcMode must be absent',
    ]),
  },
  {
    id: 'NoSecretInEnvironment',
    control:
      'The environment contains no secret: the service reads it by reference, and ECS injects secrets only where a task has a server',
    fsbp: ['ECS.8'],
    ...made,
    check: (template) => [
      ...everyContainer(({ Environment, EnvironmentFiles, Secrets }) => {
        const injected = listOf(Secrets).map(({ Name }) => String(Name));
        return [
          ...listOf(Environment).map((variable) => plainSecret(variable, injected)),
          listOf(EnvironmentFiles).length > 0 && 'EnvironmentFiles must be absent',
        ];
      })(template),
      ...every(TASK, ({ ContainerDefinitions }) => [
        listOf(ContainerDefinitions).length === 1 &&
          listOf(ContainerDefinitions[0].Secrets).length > 0 &&
          'Secrets must be absent without a server behind the service: an injected secret stays until the task ends',
      ])(template),
    ],
  },
  {
    id: 'BlockingLogDriver',
    control: 'Every line goes to a log group of the stack, and none is dropped when delivery is slow',
    fsbp: ['ECS.9'],
    ...made,
    check: everyContainer(({ LogConfiguration }, template) => {
      const { LogDriver, Options = {} } = (LogConfiguration ?? {}) as Properties;
      return [
        must('LogDriver', LogDriver, 'awslogs'),
        must('mode', Options.mode, 'blocking'),
        !template.names(Options['awslogs-group'], 'AWS::Logs::LogGroup') &&
          'awslogs-group must be a log group of this template',
      ];
    }),
  },
  {
    id: 'PinnedImage',
    control: 'An image is referenced by its digest, and every task of a deployment runs the same one',
    fsbp: [],
    file: 'infra/constructs/image.ts',
    check: everyContainer(({ Image, VersionConsistency }) => [
      !PINNED.test(JSON.stringify(Image) ?? '') && 'Image must be a CDK asset or end in @sha256:DIGEST',
      must('VersionConsistency', VersionConsistency, 'enabled'),
    ]),
  },
  {
    id: 'ImageCommand',
    control:
      'The image’s own command runs the service: Node without rights to write files, load addons or start processes',
    fsbp: [],
    file: 'service/Dockerfile',
    check: everyService(({ EntryPoint, Command }) => [
      (EntryPoint ?? Command) !== undefined && 'EntryPoint and Command must be absent',
    ]),
  },
  {
    id: 'DrainBeforeStop',
    control: 'A stopping task has longer than the 25 s that the service needs to finish accepted requests',
    fsbp: [],
    ...made,
    check: everyService(({ StopTimeout }) => [
      !(StopTimeout >= 30 && StopTimeout <= 120) && `StopTimeout must be 30 to 120, got ${StopTimeout}`,
    ]),
  },
  {
    id: 'ContainerHealthCheck',
    control: 'ECS replaces a task whose service no longer responds, or in which a container has ended',
    fsbp: [],
    file: 'infra/constructs/task/task.ts',
    check: everyContainer(({ HealthCheck, Essential, ...container }, template) => [
      isService(container, template) && must('HealthCheck.Command[0]', HealthCheck?.Command?.[0], 'CMD'),
      must('Essential', Essential, true),
    ]),
  },
  {
    id: 'BoundedFileDescriptors',
    control: 'A limit of file descriptors bounds a flood of connections',
    fsbp: [],
    ...made,
    check: everyContainer(({ Ulimits }) => [
      !listOf(Ulimits).some(({ Name, HardLimit }) => Name === 'nofile' && HardLimit <= 65_536) &&
        'Ulimits must bound nofile at 65536 or less',
    ]),
  },
  {
    id: 'SeparateRoles',
    control: 'ECS starts a task with another role than the running code has',
    fsbp: [],
    ...made,
    check: every(TASK, ({ TaskRoleArn, ExecutionRoleArn }, template) => [
      !template.names(TaskRoleArn, 'AWS::IAM::Role') && 'TaskRoleArn must be a role of this template',
      !template.names(ExecutionRoleArn, 'AWS::IAM::Role') &&
        'ExecutionRoleArn must be a role of this template',
      JSON.stringify(TaskRoleArn) === JSON.stringify(ExecutionRoleArn) && 'the two roles must differ',
    ]),
  },
];
