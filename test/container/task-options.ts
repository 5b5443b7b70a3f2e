import { type Properties, textOf } from './task-definition.ts';

/** What the machine that runs the container is like. */
export interface Machine {
  /** As Fargate names it. */
  readonly cpuArchitecture: 'ARM64' | 'X86_64';
  /** Highest number of open files a process may be given. */
  readonly maxOpenFiles: number;
}

export interface HealthCheck {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

/** What a task definition says of its one container, for `docker run` or `podman run`. */
export interface TaskOptions {
  /** Options before the image's name. */
  readonly options: readonly string[];
  /** Arguments after the image's name. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthCheck: HealthCheck;
  readonly memoryMiB: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly ports: readonly number[];
  /** What this machine cannot do, or does in another way, in words. */
  readonly notApplied: readonly string[];
}

/** Where the values of injected secrets come from: the source, an ARN, to the value. */
export type SecretValue = (source: string) => string;

/**
 * Reads every property of the task definition, the container's and the task's.
 *
 * @throws naming the first property that it does not know, or the rule that it breaks: nothing is left out silently
 */
export function taskOptions(definition: Properties, machine: Machine, secretValue: SecretValue): TaskOptions {
  const options: string[] = [];
  const command: string[] = [];
  const environment: Record<string, string> = {};
  const notApplied: string[] = [];
  const ports: number[] = [];
  let healthCheck: HealthCheck | undefined;
  let stopTimeoutMs = 30_000;
  const [container, ...others] = definition['ContainerDefinitions'] as Properties[];
  if (container === undefined || others.length > 0)
    throw new Error('the task must have exactly one container');
  const volumes = (definition['Volumes'] ?? []) as Properties[];

  read('', definition, {
    ContainerDefinitions: () => undefined,
    Family: () => undefined,
    Cpu: (units) => options.push('--cpus', String(Number(units) / 1024)),
    // Fargate has no swap.
    Memory: (mib) => options.push('--memory', `${mib}m`, '--memory-swap', `${mib}m`),
    NetworkMode: (mode) => assertIs('NetworkMode', mode, 'awsvpc'),
    RequiresCompatibilities: ([one]) => assertIs('RequiresCompatibilities', one, 'FARGATE'),
    ExecutionRoleArn: () => undefined,
    TaskRoleArn: () => notApplied.push('TaskRoleArn: the credentials are made up, as Secrets Manager is'),
    RuntimePlatform: ({ CpuArchitecture, OperatingSystemFamily }) => {
      assertIs('RuntimePlatform.OperatingSystemFamily', OperatingSystemFamily, 'LINUX');
      if (CpuArchitecture !== machine.cpuArchitecture) {
        notApplied.push(`RuntimePlatform ${CpuArchitecture}: this machine is ${machine.cpuArchitecture}`);
      }
    },
    Volumes: (list: Properties[]) => {
      for (const volume of list) read('Volumes.', volume, { Name: () => undefined });
    },
  });

  read('ContainerDefinitions.', container, {
    Name: () => undefined,
    Image: () => undefined,
    Essential: () => undefined,
    VersionConsistency: () => undefined,
    LogConfiguration: ({ LogDriver }) => notApplied.push(`LogDriver ${LogDriver}: standard output is read`),
    User: (user) => options.push('--user', user),
    Privileged: (privileged) => assertIs('Privileged', privileged, false),
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
        const highest = Name === 'nofile' ? machine.maxOpenFiles : Number.POSITIVE_INFINITY;
        const [soft, hard] = [Math.min(SoftLimit, highest), Math.min(HardLimit, highest)];
        if (hard < HardLimit) notApplied.push(`Ulimits ${Name} ${HardLimit}: this machine allows ${highest}`);
        options.push('--ulimit', `${Name}=${soft}:${hard}`);
      }
    },
    Environment: (pairs: Properties[]) => {
      for (const { Name, Value } of pairs) environment[Name] = textOf(Value);
    },
    Secrets: (pairs: Properties[]) => {
      for (const { Name, ValueFrom } of pairs) environment[Name] = secretValue(textOf(ValueFrom));
    },
    MountPoints: (points: Properties[]) => {
      for (const { SourceVolume, ContainerPath, ReadOnly, ...rest } of points) {
        read('MountPoints.', rest, {});
        if (!volumes.some(({ Name }) => Name === SourceVolume))
          throw new Error(`MountPoints: ${SourceVolume} is no volume`);
        options.push('--volume', `${ContainerPath}${ReadOnly ? ':ro' : ''}`);
      }
    },
    PortMappings: (mappings: Properties[]) => {
      for (const { ContainerPort, Protocol } of mappings) {
        assertIs('PortMappings.Protocol', Protocol, 'tcp');
        ports.push(ContainerPort);
      }
    },
    EntryPoint: ([program, ...args]: string[]) => {
      options.push('--entrypoint', program ?? '');
      command.unshift(...args);
    },
    Command: (args: string[]) => command.push(...args),
    WorkingDirectory: (directory) => options.push('--workdir', directory),
    StopTimeout: (seconds) => {
      stopTimeoutMs = seconds * 1000;
    },
    HealthCheck: ({ Command: [kind, ...program], Interval, Timeout, Retries, StartPeriod, ...rest }) => {
      read('HealthCheck.', rest, {});
      assertIs('HealthCheck.Command[0]', kind, 'CMD');
      notApplied.push(`HealthCheck.Interval ${Interval} s: asked more often, to measure the start`);
      healthCheck = {
        command: program,
        timeoutMs: Timeout * 1000,
        retries: Retries,
        startPeriodMs: StartPeriod * 1000,
      };
    },
  });
  if (healthCheck === undefined) throw new Error('the container must have a HealthCheck');
  return {
    options,
    command,
    environment,
    memoryMiB: Number(definition['Memory']),
    healthCheck,
    stopTimeoutMs,
    ports,
    notApplied,
  };
}

type Readers = Readonly<Record<string, (value: Properties[string]) => unknown>>;

function read(path: string, properties: Properties, readers: Readers): void {
  for (const [name, value] of Object.entries(properties)) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw new Error(`no translation for ${path}${name}: ${JSON.stringify(value)}`);
    reader(value);
  }
}

function assertIs(name: string, value: unknown, expected: unknown): void {
  if (value !== expected) throw new Error(`${name} must be ${expected}, got ${JSON.stringify(value)}`);
}
