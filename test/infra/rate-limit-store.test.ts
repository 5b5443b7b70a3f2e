import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations, endpointSecurityGroupId, s3PrefixListId, vpc } from './combinations.ts';
import { containerEnvironment } from './container-environment.ts';
import { dnsRules } from './domain-lists.ts';
import { stages } from './stages.ts';
import { all, only, type Resource, resources, stack, template } from './synthesize.ts';

const rateLimitStore = {};
const config: StageConfig = combinations.valkey;
const found = template(config);
const cache = only(found, 'AWS::ElastiCache::ServerlessCache').Properties;
const user = only(found, 'AWS::ElastiCache::User').Properties;
const idOf = (of: Record<string, Resource>, text: string) =>
  Object.keys(of).find((id) => JSON.stringify(of[id]).includes(text)) ?? 'none';
const groups = resources(found, 'AWS::EC2::SecurityGroup');
const storeGroup = idOf(groups, 'Rate limit store');
const taskGroup = idOf(groups, 'MCP tasks');

describe('without the option', () => {
  test.each(Object.entries<StageConfig>(combinations).filter(([, { rateLimitStore: store }]) => !store))(
    '%s has no store, and nothing to pay for it',
    (_name, other) => {
      const { Resources } = template(other).toJSON();
      expect(JSON.stringify(Resources)).not.toMatch(/elasticache|RateLimitStore|6379/i);
      expect(containerEnvironment(template(other))['MCP_RATE_LIMIT_STORE']).toBe('memory');
    },
  );
});

describe('the store', () => {
  test('is a Valkey cache in the subnets of the tasks, encrypted with a key of its own', () => {
    expect(cache).toMatchObject({ Engine: 'valkey', MajorEngineVersion: '8' });
    const { Subnets } = only(found, 'AWS::ECS::Service').Properties.NetworkConfiguration.AwsvpcConfiguration;
    expect(cache.SubnetIds).toEqual(Subnets);
    const keys = resources(found, 'AWS::KMS::Key');
    const [keyId] = cache.KmsKeyId['Fn::GetAtt'];
    expect(keyId).toMatch(/^RateLimitStoreKey/);
    expect(keys[keyId]).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { EnableKeyRotation: true },
    });
    const users = Object.entries(found.toJSON()['Resources'] as Record<string, { Type: string }>).filter(
      ([, resource]) =>
        JSON.stringify(resource).includes(keyId) &&
        resource.Type !== 'AWS::CloudFormation::WaitConditionHandle',
    );
    expect(users.map(([id]) => id)).toEqual([expect.stringMatching(/^RateLimitStore[0-9A-F]{8}$/)]);
  });

  test('keeps no snapshot, and is bounded in what it holds and runs', () => {
    for (const name of ['SnapshotRetentionLimit', 'DailySnapshotTime', 'FinalSnapshotName']) {
      expect(cache).not.toHaveProperty(name);
    }
    expect(cache.CacheUsageLimits).toEqual({
      DataStorage: { Maximum: 1, Unit: 'GB' },
      ECPUPerSecond: { Maximum: 10_000 },
    });
    const more = template({ ...config, rateLimitStore: { maxEcpuPerSecond: 50_000 } });
    more.hasResourceProperties('AWS::ElastiCache::ServerlessCache', {
      CacheUsageLimits: { ECPUPerSecond: { Maximum: 50_000 } },
    });
  });

  test('has one user, who signs in with IAM; there is no password and no default user', () => {
    expect({ ...user, Tags: undefined }).toEqual({
      Engine: 'valkey',
      UserId: 'mcp-test-limits',
      UserName: 'mcp-test-limits',
      AuthenticationMode: { Type: 'iam' },
      AccessString: 'on ~mcp:* -@all +eval +evalsha +time +lindex +lpush +ltrim +pexpire',
    });
    const group = only(found, 'AWS::ElastiCache::UserGroup').Properties;
    expect({ ...group, Tags: undefined }).toEqual({
      Engine: 'valkey',
      UserGroupId: 'mcp-test-limits',
      UserIds: [{ Ref: expect.stringMatching(/^RateLimitStoreUser/) }],
    });
    expect(cache.UserGroupId).toEqual({ Ref: expect.stringMatching(/^RateLimitStoreUsers/) });
  });

  test('is reached from the tasks on one port, and reaches nothing', () => {
    expect(cache.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [storeGroup, 'GroupId'] }]);
    const { SecurityGroupIngress, SecurityGroupEgress } = groups[storeGroup]?.Properties ?? {};
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress).toMatchObject([{ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp' }]);
    const ofStore = (type: string) =>
      all(found, type).filter(({ Properties }) => Properties.GroupId['Fn::GetAtt'][0] === storeGroup);
    expect(ofStore('AWS::EC2::SecurityGroupEgress')).toEqual([]);
    expect(ofStore('AWS::EC2::SecurityGroupIngress').map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        SourceSecurityGroupId: { 'Fn::GetAtt': [taskGroup, 'GroupId'] },
        IpProtocol: 'tcp',
        FromPort: 6379,
        ToPort: 6379,
      }),
    ]);
  });
});

/** Each way out that tasks can have. */
const networks: Record<string, StageConfig> = {
  nat: config,
  endpoints: { ...combinations.tools, rateLimitStore },
  'a VPC of theirs': { ...combinations.vpc, rateLimitStore },
  'endpoints of theirs': {
    ...stages.dev,
    network: { egress: 'endpoints', s3PrefixListId, vpc: { ...vpc, endpointSecurityGroupId } },
    rateLimitStore,
  },
};

describe.each(Object.entries(networks))('tasks with %s', (_name, stage) => {
  const of = template(stage);

  test('may connect to the store, and to no other group on its port', () => {
    const egress = all(of, 'AWS::EC2::SecurityGroupEgress').filter(
      ({ Properties }) => Properties.FromPort === 6379,
    );
    expect(egress.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'] },
        DestinationSecurityGroupId: {
          'Fn::GetAtt': [expect.stringMatching(/^RateLimitStoreSecurityGroup/), 'GroupId'],
        },
        ToPort: 6379,
      }),
    ]);
  });

  test('start when the store exists, with both rules that admit them', () => {
    const { DependsOn = [] } = only(of, 'AWS::ECS::Service');
    const rules = [
      ...Object.keys(resources(of, 'AWS::EC2::SecurityGroupEgress')),
      ...Object.keys(resources(of, 'AWS::EC2::SecurityGroupIngress')),
    ];
    const ofStore = rules.filter((id) => /RateLimitStore/.test(id));
    expect(ofStore).toHaveLength(2);
    expect(DependsOn).toEqual(
      expect.arrayContaining([...ofStore, expect.stringMatching(/^RateLimitStore[0-9A-F]{8}$/)]),
    );
  });

  test('sign in as the one user, to the one cache', () => {
    const name = Object.keys(resources(of, 'AWS::ElastiCache::ServerlessCache'))[0];
    of.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Sid: 'SignInToRateLimitStore',
            Effect: 'Allow',
            Action: 'elasticache:Connect',
            Resource: [
              { 'Fn::GetAtt': [name, 'ARN'] },
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^RateLimitStoreUser'), 'Arn'] },
            ],
          },
        ]),
      },
    });
  });
});

test('the DNS firewall lets the name of the store through, and no more for it', () => {
  const before = dnsRules(template(stages.prod));
  const after = dnsRules(found);
  const names = (rules: typeof before) => rules.flatMap(({ domains }) => domains);
  const url = new URL(containerEnvironment(found)['MCP_RATE_LIMIT_STORE'] ?? '');
  expect(url.hostname).toMatch(/\.serverless\.use1\.cache\.amazonaws\.com$/);
  // The first two are of the GuardDuty agent, which this combination has too.
  expect(names(after).filter((name) => !names(before).includes(name))).toEqual([
    '593207742271.dkr.ecr.us-east-1.amazonaws.com',
    'guardduty-data.us-east-1.amazonaws.com',
    url.hostname,
  ]);
});

test('ElastiCache takes three subnets at most', () => {
  const zones = ['a', 'b', 'c', 'd'];
  const many = {
    vpcId: vpc.vpcId,
    availabilityZones: zones.map((zone) => `us-east-1${zone}`),
    publicSubnetIds: zones.map((zone) => `subnet-0000000000000000${zone}`),
    privateSubnetIds: zones.map((zone) => `subnet-1111111111111111${zone}`),
  };
  const of = template({ ...combinations.vpc, network: { vpc: many }, rateLimitStore });
  expect(only(of, 'AWS::ElastiCache::ServerlessCache').Properties.SubnetIds).toEqual(
    many.privateSubnetIds.slice(0, 3),
  );
});

test.each([
  [{ kind: 'redis' }, 'rateLimitStore.kind is not an option'],
  [{ onFailure: 'ajar' }, 'rateLimitStore.onFailure must be one of deny, allow, got "ajar"'],
  [{ maxEcpuPerSecond: 999 }, 'rateLimitStore.maxEcpuPerSecond must be a whole number from 1000'],
  [{ maxEcpuPerSecond: 1_000_001 }, 'to 1000000, got 1000001'],
  [{ password: 'hunter2' }, 'rateLimitStore.password'],
])('fails on %j', (options, message) => {
  expect(() => stack({ ...stages.dev, rateLimitStore: options as StageConfig['rateLimitStore'] })).toThrow(
    message,
  );
});

test('a stack whose name is no name of a user of ElastiCache fails, with the rule and the name', () => {
  const name = `Mcp-${'a'.repeat(30)}`;
  expect(() => stack(config, name)).toThrow(
    `the name of a stack with rateLimitStore must be 1 to 33 letters, digits and single hyphens, such as Mcp-prod, because ElastiCache takes 40 characters for a user; got "${name}"`,
  );
});
