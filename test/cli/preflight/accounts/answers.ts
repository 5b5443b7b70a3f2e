import type { Template } from '../../../../cli/synthesize.ts';
import type { StageConfig } from '../../../../infra/stage-config.ts';
import { combinations } from '../../../infra/combinations.ts';
import { detector } from '../account.ts';
import { type Circumstances, type Scope, scopeOf } from '../run.ts';
import { type Answers, type Input, Refusal } from '../stand-in.ts';

const { dev, vpc } = combinations;

/** An account: what it is, the stage, how it differs from one that takes the stage, what the finding says, and its fix. */
export type Case = readonly [
  about: string,
  stage: StageConfig | Scope,
  circumstances: Circumstances,
  line: string,
  fix?: string,
];
/** Accounts that fail a check, by name. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

const scopes = new Map<StageConfig, Scope>();
/** The stage with its template, which is read once. */
export function known(config: StageConfig): Scope {
  const scope = scopes.get(config) ?? scopeOf(config);
  scopes.set(config, scope);
  return scope;
}

export const stack = (StackStatus: string, more: object = {}) => ({
  Stacks: { member: { StackName: 'Mcp-test', StackStatus, CreationTime: '2026-11-30T00:00:00Z', ...more } },
});
export const outputs = (values: Readonly<Record<string, string>>) => ({
  Outputs: {
    member: Object.entries(values).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  },
});
export const aRecord = (Type: string, Name = 'mcp.example.com.') => ({
  ResourceRecordSets: { ResourceRecordSet: { Name, Type, TTL: 60 } },
  ...{ IsTruncated: false, MaxItems: 100 },
});
export const acm = (more: object) => ({
  Certificate: { Status: 'ISSUED', DomainName: 'mcp.example.com', NotAfter: 4_000_000_000, ...more },
});
export const quota = (code: string, Value: number): Answers => ({
  'servicequotas:GetServiceQuota': ({ QuotaCode }) => ({
    Quota: { Value: QuotaCode === code ? Value : 1000 },
  }),
});
export const noRole = (name: string, Arn = 'arn:aws:iam::123456789012:role/ci'): Answers => ({
  'iam:GetRole': ({ RoleName }) =>
    RoleName === name ? new Refusal('NoSuchEntity', 404) : { Role: { RoleName, Arn } },
});
export const zonesOf = (...zones: (readonly [name: string, id: string])[]) => ({
  'ec2:DescribeAvailabilityZones': () => ({
    availabilityZoneInfo: { item: zones.map(([zoneName, zoneId]) => ({ zoneName, zoneId })) },
  }),
});
export const subnets =
  (change: object, changed = 'subnet-0000000000000000b') =>
  (input: Input) => ({
    subnetSet: {
      item: Object.entries(input).flatMap(([key, subnetId]) => {
        if (!key.startsWith('Filter.1.Value') || !`${subnetId}`.startsWith('subnet-')) return [];
        const availabilityZone = `${subnetId}`.endsWith('a') ? 'us-east-1a' : 'us-east-1b';
        const usual = { vpcId: 'vpc-0123456789abcdef0', availabilityZone, availableIpAddressCount: 50 };
        return [{ subnetId, ...usual, ...(subnetId === changed ? change : {}) }];
      }),
    },
  });
export const service = (more: object) => ({
  'ec2:DescribeVpcEndpointServices': () => ({
    serviceDetailSet: {
      item: ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'].map((name) => ({
        serviceName: `com.amazonaws.us-east-1.${name}`,
        serviceType: { item: [{ serviceType: 'Interface' }] },
        privateDnsName: 'private',
        availabilityZoneSet: { item: ['us-east-1a', 'us-east-1b'] },
        ...(name === 'logs' ? more : {}),
      })),
    },
  }),
});
const certificateArn = vpc.domain.certificateArn;
const elsewhere = {
  ...vpc,
  domain: { ...vpc.domain, certificateArn: certificateArn.replace('123456789012', '999999999999') },
};
export const scopeElsewhere = { ...known(vpc), config: { ...known(vpc).config, domain: elsewhere.domain } };
export const pinnedElsewhere = { ...known(dev), config: { ...known(dev).config, account: '210987654321' } };
export const tokyo = { ...known(dev), config: { ...known(dev).config, region: 'ap-northeast-1' } };
export const placeholder: Scope = {
  ...known(dev),
  template: {
    ...known(dev).template,
    Rules: {
      NoPlaceholders: { Assertions: [{ Assert: {}, AssertDescription: 'Replace domain.domainName' }] },
    },
  },
};

/** A stage with other resources in place of those with these logical ids, or besides. */
export function withResources(given: StageConfig, resources: Template['Resources']): Scope {
  const { config, template } = known(given);
  return { config, template: { ...template, Resources: { ...template.Resources, ...resources } } };
}

/** A stage whose cluster has this value of the tag that GuardDuty reads, or none. */
export function withAgent(given: StageConfig, managed?: 'true' | 'false'): Scope {
  const Tags = managed === undefined ? [] : [{ Key: 'GuardDutyManaged', Value: managed }];
  return withResources(given, {
    ServiceCluster572F72F1: { Type: 'AWS::ECS::Cluster', Properties: { Tags } },
  });
}

export const agent = (...of: Parameters<typeof detector>): Answers => ({
  'guardduty:GetDetector': () => detector(...of),
});

/** A stage that names its zones. */
export const named = withResources(
  dev,
  Object.fromEntries(
    Object.entries(known(dev).template.Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::EC2::Subnet') return [];
      const AvailabilityZone = id.includes('Subnet1') ? 'us-east-1a' : 'us-east-1f';
      return [[id, { Type, Properties: { ...Properties, AvailabilityZone } }]];
    }),
  ),
);
