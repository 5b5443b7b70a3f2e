import type {
  FoundResource,
  Properties,
  SynthesizedTemplate,
} from '../../../infra/rules/synthesized-template.ts';
import { listOf, referencesIn } from '../../../infra/rules/synthesized-template.ts';
import { assume, HOURS } from '../assumptions.ts';
import { type Billable, type Line, UnpricedError } from '../line.ts';

export const SERVICE = 'AWS::ECS::Service';

/** Tasks that run without calls: the scaling's minimum, or the service's desired count. */
export function tasksOf({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): number {
  const scaled = template
    .all('AWS::ApplicationAutoScaling::ScalableTarget')
    .find((target) => referencesIn(target.properties['ResourceId']).includes(logicalId));
  return Number(scaled?.properties['MinCapacity'] ?? properties['DesiredCount'] ?? 1);
}

/** The task definition of a service. */
export function definitionOf(
  { logicalId, properties }: FoundResource,
  template: SynthesizedTemplate,
): Properties {
  const definition = template.target(properties['TaskDefinition'])?.properties;
  if (!definition) throw new UnpricedError(`the task definition of ${logicalId} is not in the template`);
  return definition;
}

function service(found: FoundResource, template: SynthesizedTemplate): Line[] {
  const { Cpu, Memory, RuntimePlatform, EphemeralStorage } = definitionOf(found, template);
  const { CpuArchitecture = 'X86_64', OperatingSystemFamily = 'LINUX' } = RuntimePlatform ?? {};
  const { LaunchType, CapacityProviderStrategy } = found.properties;
  if (LaunchType !== 'FARGATE' || CapacityProviderStrategy) {
    throw new UnpricedError(`only LaunchType FARGATE has a price here, got ${LaunchType ?? 'none'}`);
  }
  if (OperatingSystemFamily !== 'LINUX')
    throw new UnpricedError(`${OperatingSystemFamily} has no price here`);
  const hours = HOURS * tasksOf(found, template);
  const storage = Math.max(0, Number(EphemeralStorage?.SizeInGiB ?? 20) - 20);
  const arm = CpuArchitecture === 'ARM64';
  return [
    { price: arm ? 'fargateArmVcpu' : 'fargateX86Vcpu', idle: (hours * Number(Cpu)) / 1024 },
    { price: arm ? 'fargateArmMemory' : 'fargateX86Memory', idle: (hours * Number(Memory)) / 1024 },
    ...(storage > 0 ? [{ price: 'fargateStorage', idle: hours * storage } as const] : []),
  ];
}

/** Monthly runs of a scheduled function; other AWS events are too few to count. */
function runs(logicalId: string, template: SynthesizedTemplate): number {
  const units: Readonly<Record<string, number>> = { minute: 60, hour: 1, day: 1 / 24 };
  return template
    .all('AWS::Events::Rule')
    .filter(({ properties }) => referencesIn(properties['Targets']).includes(logicalId))
    .flatMap(({ properties }) => properties['ScheduleExpression'] ?? [])
    .reduce((sum: number, schedule: string) => {
      const [, every, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
      if (every === undefined)
        throw new UnpricedError(`the schedule ${schedule} is not supported, only rate(…)`);
      return sum + (HOURS * (units[unit] ?? 0)) / Number(every);
    }, 0);
}

function lambda({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): Line[] {
  const invocations = runs(logicalId, template);
  const { MemorySize = 128, Architectures } = properties;
  const arm = listOf(Architectures).some((one: unknown) => one === 'arm64');
  const seconds = (invocations * assume('functionSeconds') * Number(MemorySize)) / 1024;
  return [
    { price: arm ? 'lambdaArm' : 'lambdaX86', idle: seconds },
    { price: 'lambdaRequests', idle: invocations },
  ];
}

export const TASKS: Readonly<Record<string, Billable>> = {
  [SERVICE]: {
    group: 'Tasks and functions',
    why: 'The server, on ARM, a fifth cheaper than x86; two tasks in production, so that one may fail',
    count: service,
  },
  'AWS::Lambda::Function': {
    group: 'Tasks and functions',
    why: 'The rotation of tokens, every hour, and the check of the audit log, every ten minutes',
    count: lambda,
  },
};
