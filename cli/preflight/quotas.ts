import type { Template } from '../synthesize.ts';
import type { Call } from './aws.ts';
import {
  describeAddresses,
  describeInternetGateways,
  describeLogPolicies,
  describeNatGateways,
  describeSubnets,
  describeVpcs,
  describeZones,
  getLambdaLimits,
  getQuota,
  listStackResources,
} from './calls.ts';
import { type Check, couldNotTell, type Finding, ok, willFail } from './check.ts';
import { deployed, missing } from './stack.ts';
import { has, resourcesOf } from './template.ts';
import { zonesOf } from './zones.ts';

interface RegionQuota {
  readonly name: string;
  readonly type: string;
  readonly count: Call<undefined, readonly unknown[]>;
  readonly ServiceCode: string;
  readonly QuotaCode: string;
}

/** Codes as the Service Quotas console shows them. */
const REGION_QUOTAS: readonly RegionQuota[] = [
  {
    name: 'Elastic IP addresses',
    type: 'AWS::EC2::EIP',
    count: describeAddresses,
    ServiceCode: 'ec2',
    QuotaCode: 'L-0263D0A3',
  },
  { name: 'VPCs', type: 'AWS::EC2::VPC', count: describeVpcs, ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' },
  {
    name: 'internet gateways',
    type: 'AWS::EC2::InternetGateway',
    count: describeInternetGateways,
    ServiceCode: 'vpc',
    QuotaCode: 'L-A4707A72',
  },
];

function raise(
  { ServiceCode, QuotaCode }: Pick<RegionQuota, 'ServiceCode' | 'QuotaCode'>,
  least: number,
): string {
  return `aws service-quotas request-service-quota-increase --service-code ${ServiceCode} --quota-code ${QuotaCode} --desired-value ${least}, or delete unused ones`;
}

const HAS_ALL = ok('the stage has all it needs');
const NO_NUMBER = couldNotTell('AWS named no number');

/** @param used in the account, without what the stage still needs */
function compare(used: number, needed: number, quota: number | undefined, fix: string): Finding {
  if (needed === 0) return HAS_ALL;
  if (quota === undefined) return NO_NUMBER;
  const detail = `${used} of ${quota} are in use, and the stage needs ${needed} more`;
  return used + needed > quota ? willFail(detail, fix) : ok(detail);
}

/** A quota of the region. What the stage has already counts as used. */
function regionQuota({ name, type, count, ...code }: RegionQuota): Check {
  return {
    name: `quota of ${name}`,
    calls: [getQuota, listStackResources, count],
    applies: ({ template }) => has(template, type),
    async run(ask, subject) {
      const needed = (await missing(ask, subject, type)).length;
      const used = (await ask(count, undefined)).length;
      return compare(used, needed, await ask(getQuota, code), raise(code, used + needed));
    },
  };
}

export const regionQuotas: readonly Check[] = REGION_QUOTAS.map(regionQuota);

const NAT_QUOTA = { ServiceCode: 'vpc', QuotaCode: 'L-FE5A380F' };

/** The quota of NAT gateways is for each zone. */
export const natGateways: Check = {
  name: 'quota of NAT gateways',
  calls: [getQuota, listStackResources, describeNatGateways, describeSubnets, describeZones],
  applies: ({ template }) => has(template, 'AWS::EC2::NatGateway'),
  async run(ask, subject) {
    const needed = (await missing(ask, subject, 'AWS::EC2::NatGateway')).length;
    if (needed === 0) return HAS_ALL;
    const gateways = await ask(describeNatGateways, undefined);
    const ids = gateways.flatMap(({ SubnetId }) => SubnetId ?? []);
    const subnets = ids.length > 0 ? await ask(describeSubnets, [{ Name: 'subnet-id', Values: ids }]) : [];
    const zones = (await zonesOf(ask, subject)).slice(0, needed);
    const quota = await ask(getQuota, NAT_QUOTA);
    return zones.map(({ name }) => {
      const here = new Set(
        subnets.filter(({ AvailabilityZone }) => AvailabilityZone === name).map(({ SubnetId }) => SubnetId),
      );
      const used = gateways.filter(({ SubnetId }) => here.has(SubnetId)).length;
      return { about: `in ${name}`, ...compare(used, 1, quota, raise(NAT_QUOTA, used + 1)) };
    });
  },
};

const RULES_QUOTA = { ServiceCode: 'vpc', QuotaCode: 'L-0EA8095F' };

/** Rules of one security group and direction. */
export const securityGroupRules: Check = {
  name: 'quota of rules in a security group',
  calls: [getQuota],
  async run(ask, { template }) {
    const most = Math.max(...rulesByGroup(template).values());
    const quota = await ask(getQuota, RULES_QUOTA);
    if (quota === undefined) return NO_NUMBER;
    const detail = `the stage needs ${most} in one, and ${quota} are allowed`;
    return most > quota ? willFail(detail, raise(RULES_QUOTA, most)) : ok(detail);
  },
};

/**
 * Number of rules by group and direction. A prefix list counts as its weight, which is 1 for those of S3 and DynamoDB (VPC
 * User Guide, "AWS-managed prefix lists").
 */
function rulesByGroup(template: Template): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (group: string, number: number) => counts.set(group, (counts.get(group) ?? 0) + number);
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::EC2::SecurityGroup')) {
    add(`${id} in`, Properties.SecurityGroupIngress?.length ?? 0);
    add(`${id} out`, Properties.SecurityGroupEgress?.length ?? 0);
  }
  for (const direction of ['Ingress', 'Egress'] as const) {
    for (const [, { Properties }] of resourcesOf(template, `AWS::EC2::SecurityGroup${direction}`)) {
      const group = Properties.GroupId?.['Fn::GetAtt']?.[0] ?? JSON.stringify(Properties.GroupId);
      add(`${group} ${direction === 'Ingress' ? 'in' : 'out'}`, 1);
    }
  }
  return counts;
}

/** CloudWatch Logs keeps this many resource policies an account and region, and does not raise the number. */
const LOG_POLICIES = 10;

export const logPolicies: Check = {
  name: 'quota of CloudWatch Logs resource policies',
  calls: [describeLogPolicies, listStackResources],
  applies: ({ template }) => has(template, 'AWS::Logs::ResourcePolicy'),
  async run(ask, subject) {
    const needed = (await missing(ask, subject, 'AWS::Logs::ResourcePolicy')).length;
    const used = (await ask(describeLogPolicies, undefined)).length;
    const fix = 'delete unused ones (aws logs describe-resource-policies); AWS does not raise this quota';
    return compare(used, needed, LOG_POLICIES, fix);
  },
};

/** Lambda keeps this much concurrency for functions without a reservation (AWS Lambda Developer Guide). */
const UNRESERVED_MINIMUM = 100;

export const lambdaConcurrency: Check = {
  name: 'quota of Lambda concurrency',
  calls: [getLambdaLimits, listStackResources],
  applies: ({ config }) => config.functions.reserveConcurrency,
  async run(ask, subject) {
    const existing = await deployed(ask, subject);
    const needed = resourcesOf(subject.template, 'AWS::Lambda::Function')
      .filter(([id]) => !existing.has(id))
      .reduce((sum, [, { Properties }]) => sum + (Properties.ReservedConcurrentExecutions ?? 0), 0);
    if (needed === 0) return HAS_ALL;
    const free = (await ask(getLambdaLimits, undefined))?.UnreservedConcurrentExecutions;
    if (free === undefined) return NO_NUMBER;
    const detail = `${free} are not reserved, the stage reserves ${needed}, and ${UNRESERVED_MINIMUM} must remain`;
    if (free - needed >= UNRESERVED_MINIMUM) return ok(detail);
    const fix = 'raise the quota (service lambda, L-B99A9384), or remove functions.reserveConcurrency';
    return willFail(detail, fix);
  },
};

const FARGATE_QUOTA = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' };
const CPU_UNITS = 1024;

/** New accounts may run few vCPUs. Other tasks of the account use the quota too, and no API tells how much. */
export const fargate: Check = {
  name: 'quota of Fargate vCPUs',
  calls: [getQuota],
  async run(ask, { config: { scaling, task } }) {
    const quota = await ask(getQuota, FARGATE_QUOTA);
    if (quota === undefined) return NO_NUMBER;
    const vcpu = task.cpu / CPU_UNITS;
    const [least, most] = [scaling.minTasks * vcpu, scaling.maxTasks * vcpu * 2];
    const detail = `the account may use ${quota}; the stage takes ${least}, and up to ${most} in a deployment at full load`;
    if (least > quota) return willFail(detail, raise(FARGATE_QUOTA, most));
    if (most > quota) return couldNotTell(detail, raise(FARGATE_QUOTA, most));
    return ok(detail);
  },
};
