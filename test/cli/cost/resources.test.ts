import { describe, expect, test } from '@jest/globals';
import { estimateOf, itemOf, service } from './support.ts';

/** Figures computed manually: 730 hours, the prices of cli/cost/prices.ts. */
describe('tasks', () => {
  test('on ARM: two of half a vCPU and 1 GB', () => {
    // 2 × 730 × (0.5 × 0.03238 + 1 × 0.00356)
    expect(itemOf(estimateOf(service(2)), 'Service').idle).toBeCloseTo(28.835, 3);
  });

  test('on x86, the default architecture, and 50 GB of storage', () => {
    const found = estimateOf(service(1, { RuntimePlatform: undefined, EphemeralStorage: { SizeInGiB: 50 } }));
    // 730 × (0.5 × 0.04048 + 1 × 0.004445 + 30 × 0.000111)
    expect(itemOf(found, 'Service').idle).toBeCloseTo(20.451, 3);
  });

  test.each([
    [1, 127],
    [2, 175],
  ])('are %i: Container Insights has %i metrics of them', (tasks, metrics) => {
    const { lines } = itemOf(estimateOf(service(tasks)), 'Cluster');
    expect(lines).toContainEqual({ price: 'insightsMetric', idle: metrics });
  });

  test('with a second container have as many metrics again of it', () => {
    const found = estimateOf(
      service(1, { ContainerDefinitions: [{ HealthCheck: {} }, { HealthCheck: {} }] }),
    );
    expect(itemOf(found, 'Cluster').lines).toContainEqual({ price: 'insightsMetric', idle: 127 + 4 * 8 });
  });
});

describe('the load balancer', () => {
  test('costs its hours and an address in each zone', () => {
    const found = estimateOf({
      Balancer: [
        'AWS::ElasticLoadBalancingV2::LoadBalancer',
        { Scheme: 'internet-facing', Subnets: [{ Ref: 'A' }, { Ref: 'B' }] },
      ],
    });
    // 730 × (0.0225 + 2 × 0.005); 12 GB are 12 LCU-hours, 10 GB of them leave AWS.
    expect(found.idle).toBeCloseTo(23.725, 3);
    expect(found.perMillion).toBeCloseTo(12 * 0.008 + 10 * 0.09, 3);
  });

  test('inside has no public address, and no traffic to the internet', () => {
    const properties = { Scheme: 'internal', Subnets: [{ Ref: 'A' }, { Ref: 'B' }] };
    const found = estimateOf({ Balancer: ['AWS::ElasticLoadBalancingV2::LoadBalancer', properties] });
    expect(found.idle).toBeCloseTo(16.425, 3);
    expect(found.perMillion).toBeCloseTo(12 * 0.008, 3);
  });
});

describe('egress', () => {
  const zones = {
    A: ['AWS::EC2::Subnet', { AvailabilityZone: 'us-east-1a' }],
    B: ['AWS::EC2::Subnet', { AvailabilityZone: 'us-east-1b' }],
  } as const;

  test('through a NAT gateway in a zone, with its address', () => {
    const found = estimateOf({ ...zones, Nat: ['AWS::EC2::NatGateway', {}], Ip: ['AWS::EC2::EIP'] });
    expect(found.idle).toBeCloseTo(32.85 + 3.65, 3);
    // 100 GB of pages, 1 GB of records, 1 GB of requests; those leave AWS.
    expect(found.perMillion).toBeCloseTo(102 * 0.045 + 0.09, 3);
  });

  test('through a regional NAT gateway costs what one in each zone does', () => {
    const regional = estimateOf({
      ...zones,
      Nat: ['AWS::EC2::NatGateway', { AvailabilityMode: 'regional' }],
    });
    expect(regional.idle).toBeCloseTo(2 * (32.85 + 3.65), 3);
    expect(regional.perMillion).toBeCloseTo(102 * 0.045 + 0.09, 3);
  });

  test('through endpoints: interfaces in each zone, the gateway for nothing', () => {
    const subnets = [{ Ref: 'A' }, { Ref: 'B' }];
    const found = estimateOf({
      Logs: [
        'AWS::EC2::VPCEndpoint',
        { VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.us-east-1.logs', SubnetIds: subnets },
      ],
      S3: ['AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway', ServiceName: 's3' }],
    });
    expect(found.idle).toBeCloseTo(2 * 7.3, 3);
    expect(found.perMillion).toBeCloseTo(0.01, 3);
  });
});

describe('the firewall', () => {
  const managed = (Name: string) => ({ Statement: { ManagedRuleGroupStatement: { Name } } });
  const common = managed('AWSManagedRulesCommonRuleSet');
  const acl = (Rules: unknown[]) => estimateOf({ Acl: ['AWS::WAFv2::WebACL', { Rules }] });

  test('costs the ACL, each rule or group, and each request', () => {
    const found = acl([common, managed('AWSManagedRulesAmazonIpReputationList')]);
    expect(found).toMatchObject({ idle: 7, perMillion: 0.6 });
  });

  test('of more than 1500 WCU costs more for each 500 begun', () => {
    // 3 × 700 = 2100: two steps.
    expect(acl([common, common, common]).perMillion).toBeCloseTo(0.6 + 2 * 0.2, 3);
  });

  test('of names costs its domains', () => {
    const found = estimateOf({ List: ['AWS::Route53Resolver::FirewallDomainList', { Domains: ['a', 'b'] }] });
    expect(found.idle).toBeCloseTo(0.001, 4);
  });
});

test('a log group costs what is written into it: here the flow logs, which are kept for a year', () => {
  const found = estimateOf({
    ...service(1),
    Group: ['AWS::Logs::LogGroup', { RetentionInDays: 365, DataProtectionPolicy: {} }],
    Flow: ['AWS::EC2::FlowLog', { LogGroupName: { Ref: 'Group' } }],
    Targets: ['AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckIntervalSeconds: 15 }],
    Other: ['AWS::Logs::LogGroup', { RetentionInDays: 365 }],
  });
  // 175,200 checks a month by each of two nodes, 500 bytes each: 0.1752 GB. Written, kept twelve months, masked.
  const gigabyte = 0.5 + 12 * 0.03 + 0.12;
  expect(itemOf(found, 'Group').idle).toBeCloseTo(0.1752 * gigabyte, 4);
  expect(itemOf(found, 'Group').perMillion).toBeCloseTo(gigabyte, 4);
  expect(found.items.map(({ logicalId }) => logicalId)).not.toContain('Other');
});

test('an alarm costs each metric it looks at, and more below a minute', () => {
  const stat = (Period: number) => ({ MetricStat: { Period } });
  const found = estimateOf({
    Plain: ['AWS::CloudWatch::Alarm', { MetricName: 'Errors', Period: 60 }],
    Ratio: ['AWS::CloudWatch::Alarm', { Metrics: [stat(300), stat(300), { Expression: 'a/b' }] }],
    Fast: ['AWS::CloudWatch::Alarm', { MetricName: 'Errors', Period: 10 }],
    Tracking: ['AWS::ApplicationAutoScaling::ScalingPolicy', { PolicyType: 'TargetTrackingScaling' }],
  });
  const idle = Object.fromEntries(found.items.map((item) => [item.logicalId, item.idle]));
  expect(idle).toEqual({ Plain: 0.1, Ratio: 0.2, Fast: 0.3, Tracking: 0.2 });
});

test('a function costs what its schedule makes it run', () => {
  const found = estimateOf({
    Function: ['AWS::Lambda::Function', { MemorySize: 1024, Architectures: ['arm64'] }],
    Hourly: [
      'AWS::Events::Rule',
      { ScheduleExpression: 'rate(1 hour)', Targets: [{ Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }] },
    ],
  });
  // 730 runs of 5 s with 1 GB.
  expect(found.idle).toBeCloseTo(3650 * 0.0000133334 + 0.000146, 5);
});

test('a shared limit costs 100 MB of Valkey at least', () => {
  const found = estimateOf({ Cache: ['AWS::ElastiCache::ServerlessCache', { Engine: 'valkey' }] });
  expect(found.idle).toBeCloseTo(6.132, 3);
  expect(found.perMillion).toBeCloseTo(6 * 0.0023, 4);
});

test('a key costs 1, a secret 0.40, and its readings by each task that refers to it', () => {
  const found = estimateOf({
    ...service(2, { ContainerDefinitions: [{ Environment: [{ Name: 'LIST', Value: { Ref: 'List' } }] }] }),
    List: ['AWS::SecretsManager::Secret', {}],
    Token: ['AWS::SecretsManager::Secret', {}],
    Key: ['AWS::KMS::Key', {}],
  });
  expect(itemOf(found, 'Key').idle).toBe(1);
  expect(itemOf(found, 'Token')).toMatchObject({ idle: 0.4, perMillion: 0 });
  // 2 × 730 × 3600 / 45 readings, each a call of Secrets Manager and one of KMS.
  expect(itemOf(found, 'List').perMillion).toBeCloseTo((116_800 * (0.05 + 0.03)) / 10_000, 4);
});
