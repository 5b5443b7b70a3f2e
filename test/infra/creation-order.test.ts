import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { creationOrder } from './creation-order.ts';
import { type Resource, template } from './templates.ts';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/** Types that may come after the load balancer, which a rollback cannot delete while it is protected, and why. */
const AFTER_BALANCER: Readonly<Record<string, string>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': 'It scales the service',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'It scales the service, by requests of the load balancer',
  'AWS::CloudWatch::Alarm':
    'Most measure the load balancer or the service; the account has room for thousands',
  'AWS::CloudWatch::Dashboard': 'It shows the load balancer',
  'AWS::EC2::SecurityGroup': 'That of the tasks, which nothing before them needs',
  'AWS::EC2::SecurityGroupEgress': 'Between the groups of the load balancer, the tasks and endpoints',
  'AWS::EC2::SecurityGroupIngress': 'Between the groups of the load balancer, the tasks and endpoints',
  'AWS::ECS::Service': 'It registers its tasks with the listener',
  'AWS::ElasticLoadBalancingV2::Listener': 'A part of the load balancer',
  'AWS::ElasticLoadBalancingV2::ListenerRule': 'A part of the load balancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'A part of the load balancer',
  'AWS::Route53::RecordSet':
    'It points at the load balancer; an existing record refuses it (domain.hostedZone.createRecord)',
  'AWS::WAFv2::WebACLAssociation': 'It associates the load balancer',
};

/** Types that an account or a value of the configuration can refuse although the template is right, and for what reason. */
const REFUSED: Readonly<Record<string, string>> = {
  'AWS::Budgets::Budget': 'a budget of that name exists',
  'AWS::CertificateManager::Certificate': 'the registrar names another zone',
  'AWS::EC2::EIP': '5 addresses a region',
  'AWS::EC2::FlowLog': 'a service control policy',
  'AWS::EC2::NatGateway': 'the zone has none, 5 a zone',
  'AWS::EC2::VPC': '5 VPCs a region',
  'AWS::EC2::VPCEndpoint': 'the service is not in the zone, or has no private DNS',
  'AWS::ElastiCache::ServerlessCache': 'a cache of that name exists; the zone',
  'AWS::ElastiCache::User': 'a user of that name exists',
  'AWS::ElastiCache::UserGroup': 'the region lags',
  'AWS::ElasticLoadBalancingV2::TrustStore': 'no object at edge.mutualTls.caBundle',
  'AWS::ElasticLoadBalancingV2::TrustStoreRevocation': 'no object at edge.mutualTls.revocationLists',
  'AWS::KinesisFirehose::DeliveryStream': 'its role is not ready; 50 streams a region',
  'AWS::Lambda::Function': 'no concurrency is left to reserve',
  'AWS::Logs::SubscriptionFilter': 'the test record is refused',
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': 'the priority is taken',
  'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation': 'the VPC has one, of a landing zone',
  'AWS::SNS::Subscription': 'the address is invalid',
  'AWS::SecretsManager::ResourcePolicy': 'a client’s role does not exist',
  'AWS::SecretsManager::RotationSchedule': 'the function may not be invoked yet',
  'AWS::SecretsManager::Secret': 'a secret of that name is scheduled for deletion',
  'AWS::WAFv2::LoggingConfiguration': 'the log group may not be written to',
  'AWS::WAFv2::WebACL': 'a web ACL of that name exists, 1,500 capacity units',
  'Custom::VpcRestrictDefaultSG': 'a service control policy',
};

describe.each(Object.entries<StageConfig>(combinations))('in the stack of %s', (_name, config) => {
  const all = template(config).toJSON()['Resources'] as Record<string, Resource>;
  const before = creationOrder(all);
  const isBefore = (one: string, other: string) => before.get(other)?.has(one) ?? false;
  const typeOf = (id: string) => all[id]?.Type ?? '';

  test('the load balancer comes after everything that does not need it', () => {
    const [balancer = ''] = Object.keys(all).filter((id) => typeOf(id) === BALANCER);
    const after = Object.keys(all).filter((id) => id !== balancer && !isBefore(id, balancer));
    expect(after.filter((id) => !(typeOf(id) in AFTER_BALANCER))).toEqual([]);
  });

  test('resources that a failed deployment retains come after everything that can be refused, unless that needs them', () => {
    const retained = Object.keys(all).filter((id) => all[id]?.DeletionPolicy === 'Retain');
    expect(retained.length).toBeGreaterThanOrEqual(3);
    const refused = Object.keys(all).filter((id) => typeOf(id) in REFUSED);
    const early = retained.flatMap((kept) =>
      refused.filter((id) => !isBefore(id, kept) && !isBefore(kept, id)).map((id) => `${kept} before ${id}`),
    );
    expect(early).toEqual([]);
  });
});

test('both tables have only types that some stage has', () => {
  const types = new Set(
    Object.values<StageConfig>(combinations).flatMap((config) =>
      Object.values(template(config).toJSON()['Resources'] as Record<string, Resource>).map(
        ({ Type }) => Type,
      ),
    ),
  );
  const known = [...Object.keys(AFTER_BALANCER), ...Object.keys(REFUSED)];
  expect(known.filter((type) => !types.has(type))).toEqual([]);
});

test('a cycle is found, with its resources', () => {
  const resource = (to: string): Resource => ({ Type: 'AWS::SNS::Topic', Properties: { Name: { Ref: to } } });
  expect(() => creationOrder({ A: resource('B'), B: resource('A') })).toThrow('a cycle: A → B → A');
});
