import { describe, expect, test } from '@jest/globals';
import { type Effect, effectOf } from '../../../scripts/updates/effect.ts';
import type { Resource, Resources } from '../../../scripts/updates/identity.ts';

const stage = (resources: Resources, region = 'us-east-1', stackName = 'Mcp-test') => ({
  region,
  stackName,
  template: { Resources: resources },
});
const of = (Type: string, Properties: Record<string, unknown>, policy?: string): Resource => ({
  Type: `AWS::${Type}`,
  Properties,
  ...(policy && { DeletionPolicy: policy, UpdateReplacePolicy: policy }),
});
const effect = (before: Resources, after: Resources): Effect => effectOf(stage(before), stage(after));
const change = (type: string, before: Record<string, unknown>, after: Record<string, unknown>): Effect =>
  effect({ X: of(type, before) }, { X: of(type, after) });

describe('new tasks start', () => {
  test('when the task definition changes, or the subnets of the service', () => {
    expect(change('ECS::TaskDefinition', { Cpu: '256' }, { Cpu: '512' })).toMatchObject({
      newTasks: true,
      replaced: [],
    });
    const network = (id: string) => ({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [id] } } });
    expect(change('ECS::Service', network('a'), network('b')).newTasks).toBe(true);
  });

  test('but not when the number of tasks changes, tags, or only an order of resources', () => {
    const tags = (Value: string) => ({ Cpu: '256', Tags: [{ Key: 'team', Value }] });
    expect(change('ECS::TaskDefinition', tags('a'), tags('b')).newTasks).toBe(false);
    expect(change('ECS::Service', { DesiredCount: 1 }, { DesiredCount: 2 }).newTasks).toBe(false);
    const service = of('ECS::Service', { LaunchType: 'FARGATE' });
    expect(effect({ X: service }, { X: { ...service, DependsOn: ['Y'] } as Resource }).newTasks).toBe(false);
  });
});

describe('the schema database knows', () => {
  // Each of these has made a stack that could not be updated.
  test.each([
    ['EC2::VPC', 'CidrBlock'],
    ['ElastiCache::ServerlessCache', 'KmsKeyId'],
    ['ElastiCache::ServerlessCache', 'SubnetIds'],
    ['Route53Resolver::ResolverQueryLoggingConfig', 'Tags'],
    ['Budgets::Budget', 'NotificationsWithSubscribers'],
    ['SecretsManager::Secret', 'Name'],
    ['Logs::LogGroup', 'LogGroupName'],
  ])('that %s is replaced when %s changes', (type, property) => {
    expect(change(type, { [property]: ['a'] }, { [property]: ['b'] }).replaced).toEqual([type]);
  });

  test('that a VPC may be replaced when its tenancy changes, which counts as replaced', () => {
    const tenancy = (InstanceTenancy: string) => ({ InstanceTenancy });
    expect(change('EC2::VPC', tenancy('default'), tenancy('dedicated')).replaced).toEqual(['EC2::VPC']);
  });

  test('that a replaced resource replaces those that refer to it for good', () => {
    const vpc = (cidr: string) => ({
      Vpc: of('EC2::VPC', { CidrBlock: cidr }),
      Group: of('EC2::SecurityGroup', { VpcId: { Ref: 'Vpc' } }),
    });
    expect(effect(vpc('10.0.0.0/16'), vpc('10.1.0.0/16')).replaced).toEqual([
      'EC2::SecurityGroup',
      'EC2::VPC',
    ]);
  });
});

describe('AWS refuses', () => {
  const cache = (name: string, key: string) => ({ ServerlessCacheName: name, KmsKeyId: key });

  test('the replacement of a resource with a fixed name', () => {
    expect(change('ElastiCache::ServerlessCache', cache('a', 'k1'), cache('a', 'k2')).refused).toEqual([
      'ElastiCache::ServerlessCache X would be created beside itself, of the same name or place',
    ]);
    expect(change('ElastiCache::ServerlessCache', cache('a', 'k1'), cache('b', 'k2')).refused).toEqual([]);
  });

  test('the same budget with other subscribers', () => {
    const budget = (BudgetName: string, email: string) => ({
      Budget: { BudgetName },
      NotificationsWithSubscribers: [{ Subscribers: [email] }],
    });
    expect(change('Budgets::Budget', budget('a', 'one'), budget('a', 'other')).refused).toHaveLength(1);
    expect(change('Budgets::Budget', budget('a', 'one'), budget('b', 'other')).refused).toEqual([]);
  });

  test('a resource under another id that keeps its name', () => {
    const alarm = of('CloudWatch::Alarm', { AlarmName: 'Errors' });
    expect(effect({ Old: alarm }, { New: alarm }).refused).toEqual([
      'CloudWatch::Alarm New would be created beside Old, of the same name or place',
    ]);
  });

  test('a second association of a VPC with a query log', () => {
    const associated = (Tags: object[]) => ({
      Config: of('Route53Resolver::ResolverQueryLoggingConfig', { Tags }),
      Association: of('Route53Resolver::ResolverQueryLoggingConfigAssociation', {
        ResolverQueryLogConfigId: { 'Fn::GetAtt': ['Config', 'Id'] },
        ResourceId: 'vpc-1',
      }),
    });
    expect(effect(associated([]), associated([{ Key: 'team', Value: 'a' }])).refused).toEqual([
      expect.stringContaining('Association would be created beside itself'),
    ]);
  });

  test('but not what CloudFormation deletes first, nor what moves with its replaced parent', () => {
    const table = (id: string) => ({ SubnetId: 'subnet-1', RouteTableId: id });
    expect(change('EC2::SubnetRouteTableAssociation', table('a'), table('b')).refused).toEqual([]);
    const listening = (Scheme: string) => ({
      Balancer: of('ElasticLoadBalancingV2::LoadBalancer', { Scheme }),
      Listener: of('ElasticLoadBalancingV2::Listener', { LoadBalancerArn: { Ref: 'Balancer' }, Port: 443 }),
    });
    expect(effect(listening('internal'), listening('internet-facing')).refused).toEqual([]);
  });

  test('a load balancer that is replaced, while its target group stays with the old one', () => {
    const forwarding = (Scheme: string, Port = 8443) => ({
      Balancer: of('ElasticLoadBalancingV2::LoadBalancer', { Scheme }),
      Targets: of('ElasticLoadBalancingV2::TargetGroup', { Port }),
    });
    expect(effect(forwarding('internal'), forwarding('internet-facing')).refused).toEqual([
      'ElasticLoadBalancingV2::TargetGroup Targets would belong to the old Balancer and the new one',
    ]);
    expect(effect(forwarding('internal'), forwarding('internet-facing', 9443)).refused).toEqual([]);
    expect(effect(forwarding('internal'), forwarding('internal', 9443)).refused).toEqual([]);
  });

  test.each(['10.1.0.0/16', undefined])('a load balancer that leaves its VPC (range %s)', (range) => {
    const balanced = (vpc: unknown, cidr: string) => ({
      Vpc: of('EC2::VPC', { CidrBlock: cidr }),
      Group: of('EC2::SecurityGroup', { VpcId: vpc }),
      Balancer: of('ElasticLoadBalancingV2::LoadBalancer', {
        SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }],
      }),
    });
    const before = balanced({ Ref: 'Vpc' }, '10.0.0.0/16');
    const after = range ? balanced({ Ref: 'Vpc' }, range) : balanced('vpc-1', '10.0.0.0/16');
    expect(effect(before, after).refused).toContain(
      'ElasticLoadBalancingV2::LoadBalancer Balancer cannot move to another VPC',
    );
  });

  test('in effect a setting that is only taken out of the template, unless it is known to be reset', () => {
    const type = 'ElasticLoadBalancingV2::Listener';
    expect(
      change(type, { MutualAuthentication: { Mode: 'verify' }, Port: 443 }, { Port: 443 }).refused,
    ).toEqual([`${type} X may keep MutualAuthentication, which the template no longer has`]);
    expect(
      change('Lambda::Function', { ReservedConcurrentExecutions: 1, Timeout: 1 }, { Timeout: 1 }).refused,
    ).toEqual([]);
  });

  test('a stage that moves to another region, or gets another name', () => {
    expect(effectOf(stage({}), stage({}, 'eu-central-1')).refused).toHaveLength(1);
    expect(effectOf(stage({}), stage({}, 'us-east-1', 'Search-test')).refused).toEqual([
      'with another stackName it is another stack',
    ]);
  });
});

describe('lost is', () => {
  test.each([
    ['S3::Bucket', undefined, 'S3::Bucket X is deleted'],
    ['KMS::Key', 'Retain', 'KMS::Key X stays outside of the stack'],
    ['SecretsManager::Secret', 'RetainExceptOnCreate', 'SecretsManager::Secret X stays outside of the stack'],
    ['SNS::Topic', undefined, 'SNS::Topic X is deleted'],
    ['EC2::EIP', undefined, 'EC2::EIP X is deleted'],
  ])('%s with the policy %s, when it is removed', (type, policy, text) => {
    expect(effect({ X: of(type, {}, policy) }, {}).lost).toEqual([text]);
  });

  test('a log group that is replaced', () => {
    expect(change('Logs::LogGroup', { LogGroupName: 'a' }, { LogGroupName: 'b' }).lost).toEqual([
      'Logs::LogGroup X is deleted; the stack gets a new one',
    ]);
  });

  test('no role and no alarm', () => {
    const alarm = of('CloudWatch::Alarm', { AlarmName: 'Errors' });
    expect(effect({ X: of('IAM::Role', {}), Y: alarm }, {}).lost).toEqual([]);
  });
});
