import { describe, expect, test } from '@jest/globals';
import { BILLABLE, estimate, total } from '../../../cli/cost/estimate.ts';
import { FREE } from '../../../cli/cost/resources/free.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { combinations } from '../../infra/combinations.ts';
import { template } from '../../infra/templates.ts';
import { estimateOf, service } from './support.ts';

describe('a template', () => {
  test('with types that have no price fails and names each', () => {
    const build = () =>
      estimateOf({ Key: ['AWS::KMS::Key', {}], Table: ['AWS::DynamoDB::Table'], Own: ['Custom::Thing'] });
    expect(build).toThrow('AWS::DynamoDB::Table Table');
    expect(build).toThrow('Custom::Thing Own');
    expect(build).not.toThrow('AWS::KMS::Key');
  });

  test.each([
    ['AWS::EC2::VPCEndpoint', { VpcEndpointType: 'GatewayLoadBalancer' }, 'GatewayLoadBalancer'],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', { Type: 'network' }, 'network'],
    ['AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] }, 'enabled'],
    [
      'AWS::WAFv2::WebACL',
      { Rules: [{ Statement: { ManagedRuleGroupStatement: { Name: 'AWSManagedRulesBotControlRuleSet' } } }] },
      'AWSManagedRulesBotControlRuleSet',
    ],
    ['AWS::CloudWatch::Alarm', { ThresholdMetricId: 'band' }, 'anomaly detection'],
    ['AWS::CloudWatch::Alarm', { Metrics: [{ Expression: 'SELECT MAX(a) FROM b' }] }, 'query'],
    ['AWS::KMS::Key', { KeySpec: 'RSA_2048' }, 'symmetric'],
    ['AWS::ElastiCache::ServerlessCache', { Engine: 'redis' }, 'redis'],
  ])('with a %s of a kind that has no price fails', (type, properties, what) => {
    expect(() => estimateOf({ It: [type, properties] })).toThrow(new RegExp(`${type} It: .*${what}`));
  });

  test('with tasks outside Fargate, or on Windows, fails', () => {
    const { Service, ...rest } = service(1);
    const spot = { ...rest, Service: [Service[0], { ...Service[1], LaunchType: 'EC2' }] } as const;
    expect(() => estimateOf(spot)).toThrow('FARGATE');
    const windows = { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } };
    expect(() => estimateOf(service(1, windows))).toThrow('WINDOWS_SERVER_2022_CORE');
  });
});

test('no type is both priced and free; each free type has a reason, each priced type a purpose', () => {
  expect(Object.keys(BILLABLE).filter((type) => Object.hasOwn(FREE, type))).toEqual([]);
  expect(Object.entries(FREE).filter(([, reason]) => reason.length < 10)).toEqual([]);
  expect(Object.entries(BILLABLE).filter(([, { why }]) => why.length < 10)).toEqual([]);
});

test.each(Object.entries<StageConfig>(combinations))(
  'every resource of the combination %s is priced or free, and the total is their sum',
  (name, config) => {
    const found = estimate(name, config.region, template(config).toJSON());
    expect(found.idle).toBeGreaterThan(60);
    expect(found.idle).toBeLessThan(250);
    expect(total(found.items).idle).toBeCloseTo(found.idle, 6);
  },
);
