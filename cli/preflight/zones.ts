import { describeSubnets, describeZones } from './calls.ts';
import { type Ask, type Check, couldNotTell, ok, type Subject, willFail } from './check.ts';
import { resourcesOf } from './template.ts';

export interface Zone {
  /** As this account calls it, such as `us-east-1a`. */
  readonly name: string;
  /** The same in every account, such as `use1-az1`. */
  readonly id: string;
}

/** In these regions only these zones have Fargate (ECS Developer Guide, "Supported Regions for Amazon ECS on AWS Fargate"). */
const FARGATE_ZONES: Readonly<Record<string, readonly string[]>> = {
  'us-west-1': ['usw1-az1', 'usw1-az3'],
  'cn-north-1': ['cnn1-az1', 'cnn1-az2'],
  'ap-northeast-1': ['apne1-az1', 'apne1-az2', 'apne1-az4'],
};
/** A zone of old hardware that has no Fargate for ARM64; not confirmed by a document of AWS. */
const DOUBTFUL = 'use1-az3';

/** The zones that the stage takes: those of its subnets, in their order. */
export async function zonesOf(ask: Ask, { config, template }: Subject): Promise<Zone[]> {
  const zones = await ask(describeZones, undefined);
  const names = config.network.vpc?.availabilityZones ?? (await subnetZones(ask, template));
  return names.map((name) => ({ name, id: zones.find(({ ZoneName }) => ZoneName === name)?.ZoneId ?? '' }));
}

async function subnetZones(ask: Ask, template: Subject['template']): Promise<string[]> {
  const stated = resourcesOf(template, 'AWS::EC2::Subnet').map(
    ([, { Properties }]) => Properties.AvailabilityZone,
  );
  const byName = stated.filter((zone): zone is string => typeof zone === 'string');
  if (byName.length > 0) return [...new Set(byName)];
  const indexes = new Set(stated.map((zone): number => zone['Fn::Select'][0]));
  const all = await defaultZones(ask);
  return [...indexes].sort().map((index) => all[index] ?? '');
}

/** Fn::GetAZs names the zones with a default subnet, or all if there are none (CloudFormation User Guide). */
async function defaultZones(ask: Ask): Promise<string[]> {
  const subnets = await ask(describeSubnets, [{ Name: 'default-for-az', Values: ['true'] }]);
  const found = subnets.flatMap(({ AvailabilityZone }) => AvailabilityZone ?? []);
  if (found.length > 0) return [...new Set(found)].sort();
  return (await ask(describeZones, undefined)).flatMap(({ ZoneName }) => ZoneName ?? []).sort();
}

/** Whether the zones exist and have what the stage needs. */
export const zones: Check = {
  name: 'availability zones',
  calls: [describeZones, describeSubnets],
  async run(ask, subject) {
    const { region, network } = subject.config;
    const taken = await zonesOf(ask, subject);
    const all = taken.map(({ name, id }) => `${name} (${id})`).join(', ');
    const fix = network.vpc
      ? 'use subnets in other zones'
      : "name two zones in network.zones; aws ec2 describe-availability-zones --query 'AvailabilityZones[].[ZoneName,ZoneId]' lists them";
    const unknown = taken.find(({ id }) => id === '');
    if (unknown)
      return willFail(`${region} has no zone ${unknown.name || 'number two'} for this account`, fix);
    const allowed = FARGATE_ZONES[region];
    const without = taken.find(({ id }) => allowed?.includes(id) === false);
    if (without) return willFail(`${without.name} (${without.id}) has no Fargate`, fix);
    if (taken.some(({ id }) => id === DOUBTFUL)) {
      return couldNotTell(`${all}: ${DOUBTFUL} may have no Fargate for ARM64`, fix);
    }
    return ok(all);
  },
};
