import { type Properties, textOf } from './task-definition.ts';

/** Facts about the machine that runs the container. */
export interface Machine {
  /** In Fargate's notation. */
  readonly cpuArchitecture: 'ARM64' | 'X86_64';
  /** Maximum number of open files of a process. */
  readonly maxOpenFiles: number;
}

export interface HealthCheck {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
}

/** The settings of a container of a task definition, for `docker run` or `podman run`. */
export interface TaskOptions {
  /** Options before the image's name, except the environment. */
  readonly options: readonly string[];
  /** Arguments after the image's name. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthCheck: HealthCheck;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly memoryMiB: number;
  readonly ports: readonly number[];
  /** Settings that this machine cannot apply, or applies differently, in words. */
  readonly notApplied: readonly string[];
}

/** The value of an injected secret by its ARN. */
export type SecretValue = (arn: string) => string;

type Draft = { -readonly [key in keyof TaskOptions]: TaskOptions[key] } & {
  readonly options: string[];
  readonly command: string[];
  readonly environment: Record<string, string>;
  readonly ports: number[];
  readonly notApplied: string[];
};

/**
 * Reads every property of the task definition and of one of its containers.
 *
 * @param name of the container: the service, or the server behind it
 * @throws Error naming the first unknown property, or the broken rule: nothing is skipped silently
 */
export function taskOptions(
  definition: Properties,
  machine: Machine,
  secretValue: SecretValue,
  name = 'mcp',
): TaskOptions {
  const { ContainerDefinitions, Volumes = [], ...task } = definition;
  const container = (ContainerDefinitions as Properties[]).find(({ Name }) => Name === name);
  if (container === undefined) throw new Error(`the task must have the container ${name}`);
  const draft: Draft = {
    options: [],
    command: [],
    environment: {},
    healthCheck: { command: [], timeoutMs: 0, startPeriodMs: 0 },
    // ECS's default when the container sets none.
    stopTimeoutMs: 30_000,
    memoryMiB: Number(definition['Memory']),
    ports: [],
    notApplied: ['Family, Image, Essential, VersionConsistency: of ECS, without effect on what runs'],
  };
  read('', task, readersOfTask(draft, machine, container['Memory']));
  for (const volume of Volumes) read('Volumes.', volume, { Name: ignore });
  read('ContainerDefinitions.', container, {
    ...readersOfProcess(draft, secretValue),
    ...readersOfWalls(draft, machine, Volumes),
  });
  const serves = container['PortMappings'] !== undefined;
  if (serves && draft.healthCheck.command.length === 0)
    throw new Error('the container must have a HealthCheck');
  return draft;
}

type Reader = (value: Properties[string]) => unknown;
const ignore: Reader = () => undefined;

/** @param memory the container's own limit, if it has one */
function readersOfTask(
  { options, notApplied }: Draft,
  machine: Machine,
  memory?: number,
): Record<string, Reader> {
  return {
    Family: ignore,
    Cpu: (units) => options.push('--cpus', String(Number(units) / 1024)),
    // Fargate has no swap.
    Memory: (mib) => memory === undefined && options.push('--memory', `${mib}m`, '--memory-swap', `${mib}m`),
    NetworkMode: mustBe('NetworkMode', 'awsvpc'),
    RequiresCompatibilities: ([one]) => mustBe('RequiresCompatibilities', 'FARGATE')(one),
    RuntimePlatform: ({ CpuArchitecture, OperatingSystemFamily }) => {
      mustBe('RuntimePlatform.OperatingSystemFamily', 'LINUX')(OperatingSystemFamily);
      if (CpuArchitecture !== machine.cpuArchitecture) {
        notApplied.push(`RuntimePlatform ${CpuArchitecture}: this machine is ${machine.cpuArchitecture}`);
      }
    },
    ExecutionRoleArn: ignore,
    TaskRoleArn: () => notApplied.push('TaskRoleArn: the credentials are made up, as Secrets Manager is'),
  };
}

/** The program, and how it is started, checked and stopped. */
function readersOfProcess(draft: Draft, secretValue: SecretValue): Record<string, Reader> {
  const { options, command, environment, ports, notApplied } = draft;
  return {
    Name: ignore,
    Image: ignore,
    Essential: ignore,
    VersionConsistency: ignore,
    DependsOn: ignore,
    RestartPolicy: ignore,
    Memory: (mib) => {
      draft.memoryMiB = mib;
      options.push('--memory', `${mib}m`, '--memory-swap', `${mib}m`);
    },
    Cpu: (units) => options.push('--cpu-shares', String(units)),
    LogConfiguration: ({ LogDriver }) => notApplied.push(`LogDriver ${LogDriver}: standard output is read`),
    EntryPoint: ([program, ...args]: string[]) => {
      options.push('--entrypoint', program ?? '');
      command.unshift(...args);
    },
    Command: (args: string[]) => command.push(...args),
    WorkingDirectory: (directory) => options.push('--workdir', directory),
    Environment: (pairs: Properties[]) => {
      for (const { Name, Value } of pairs) environment[Name] = textOf(Value);
    },
    Secrets: (pairs: Properties[]) => {
      for (const { Name, ValueFrom } of pairs) environment[Name] = secretValue(textOf(ValueFrom));
    },
    PortMappings: (mappings: Properties[]) => {
      for (const { ContainerPort, Protocol, ...rest } of mappings) {
        read('PortMappings.', rest, {});
        mustBe('PortMappings.Protocol', 'tcp')(Protocol);
        ports.push(ContainerPort);
      }
    },
    StopTimeout: (seconds) => {
      draft.stopTimeoutMs = seconds * 1000;
    },
    HealthCheck: ({ Command: [kind, ...program], Interval, Timeout, Retries, StartPeriod, ...rest }) => {
      read('HealthCheck.', rest, {});
      mustBe('HealthCheck.Command[0]', 'CMD')(kind);
      notApplied.push(
        `HealthCheck.Interval ${Interval} s, Retries ${Retries}: asked at once and until it is healthy`,
      );
      draft.healthCheck = {
        command: program,
        timeoutMs: Timeout * 1000,
        startPeriodMs: StartPeriod * 1000,
      };
    },
  };
}

/** The isolation. */
function readersOfWalls(
  { options, notApplied }: Draft,
  { maxOpenFiles }: Machine,
  volumes: readonly Properties[],
): Record<string, Reader> {
  return {
    User: (user) => options.push('--user', user),
    Privileged: mustBe('Privileged', false),
    ReadonlyRootFilesystem: (readonly) => readonly && options.push('--read-only'),
    LinuxParameters: (parameters) =>
      read('LinuxParameters.', parameters, {
        InitProcessEnabled: (enabled) => enabled && options.push('--init'),
        Capabilities: (capabilities) =>
          read('Capabilities.', capabilities, {
            Drop: (names: string[]) => options.push(...names.flatMap((name) => ['--cap-drop', name])),
            Add: (names: string[]) => options.push(...names.flatMap((name) => ['--cap-add', name])),
          }),
        Tmpfs: (mounts: Properties[]) => {
          for (const { ContainerPath, Size, MountOptions = [], ...rest } of mounts) {
            read('Tmpfs.', rest, {});
            options.push('--tmpfs', `${ContainerPath}:${[`size=${Size}m`, ...MountOptions].join(',')}`);
          }
        },
      }),
    Ulimits: (limits: Properties[]) => {
      for (const { Name, SoftLimit, HardLimit, ...rest } of limits) {
        read('Ulimits.', rest, {});
        const highest = Name === 'nofile' ? maxOpenFiles : Number.POSITIVE_INFINITY;
        const [soft, hard] = [Math.min(SoftLimit, highest), Math.min(HardLimit, highest)];
        if (hard < HardLimit) notApplied.push(`Ulimits ${Name} ${HardLimit}: this machine allows ${highest}`);
        options.push('--ulimit', `${Name}=${soft}:${hard}`);
      }
    },
    MountPoints: (points: Properties[]) => {
      for (const { SourceVolume, ContainerPath, ReadOnly, ...rest } of points) {
        read('MountPoints.', rest, {});
        if (!volumes.some(({ Name }) => Name === SourceVolume)) {
          throw new Error(`MountPoints.SourceVolume ${SourceVolume} is no volume of the task`);
        }
        options.push('--mount', `type=volume,destination=${ContainerPath}${ReadOnly ? ',readonly' : ''}`);
      }
    },
  };
}

function read(path: string, properties: Properties, readers: Readonly<Record<string, Reader>>): void {
  for (const [name, value] of Object.entries(properties)) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw new Error(`no translation for ${path}${name}: ${JSON.stringify(value)}`);
    reader(value);
  }
}

function mustBe(name: string, expected: unknown): Reader {
  return (value) => {
    if (value !== expected) throw new Error(`${name} must be ${expected}, got ${JSON.stringify(value)}`);
  };
}
