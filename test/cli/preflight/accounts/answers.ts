import type { StageConfig } from '../../../../infra/stage-config.ts';
import { combinations } from '../../../infra/combinations.ts';
import { SERVERS } from '../account.ts';
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
/** Accounts that fail a check, by its name. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

const scopes = new Map<StageConfig, Scope>();
/** The stage with its template, which is read once. */
export function known(config: StageConfig): Scope {
  const scope = scopes.get(config) ?? scopeOf(config);
  scopes.set(config, scope);
  return scope;
}

export const stack = (StackStatus: string) => ({
  Stacks: { member: { StackName: 'Mcp-test', StackStatus, CreationTime: '2026-11-30T00:00:00Z' } },
});
export const aRecord = (Type: string) => ({
  ResourceRecordSets: { ResourceRecordSet: { Name: 'mcp.example.com.', Type, TTL: 60 } },
  ...{ IsTruncated: false, MaxItems: 100 },
});
export const zone = (Name: string, PrivateZone = false) => ({
  HostedZone: { Id: 'Z1', Name, Config: { PrivateZone } },
  DelegationSet: { NameServers: { NameServer: SERVERS } },
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
export const subnets = (change: object) => (input: Input) => ({
  subnetSet: {
    item: Object.entries(input).flatMap(([key, subnetId]) => {
      if (!key.startsWith('Filter.1.Value') || !`${subnetId}`.startsWith('subnet-')) return [];
      const availabilityZone = `${subnetId}`.endsWith('a') ? 'us-east-1a' : 'us-east-1b';
      const usual = { vpcId: 'vpc-0123456789abcdef0', availabilityZone, availableIpAddressCount: 50 };
      return [{ subnetId, ...usual, ...(subnetId === 'subnet-0000000000000000b' ? change : {}) }];
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
export const tokyo = { ...known(dev), config: { ...known(dev).config, region: 'ap-northeast-1' } };
export const placeholder = {
  ...known(dev),
  template: {
    ...known(dev).template,
    Rules: {
      ...known(dev).template.Rules,
      Placeholders: {
        Assertions: [
          {
            Assert: { 'Fn::Equals': ['set', 'not set'] },
            AssertDescription: 'domain.domainName is a placeholder',
          },
        ],
      },
    },
  },
};
