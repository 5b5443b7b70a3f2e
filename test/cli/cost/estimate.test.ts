import { describe, expect, test } from '@jest/globals';
import { BILLABLE, completeEstimate, nameOf, total } from '../../../cli/cost/estimate.ts';
import { report } from '../../../cli/cost/report.ts';
import { FREE } from '../../../cli/cost/resources/free.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { combinations } from '../../infra/combinations.ts';
import { template } from '../../infra/templates.ts';
import { estimateOf, service } from './support.ts';

/** The unpriced resources of a template, as they are printed. */
const unpricedOf = (resources: Parameters<typeof estimateOf>[0]) =>
  estimateOf(resources).unpriced.map(nameOf);

describe('a template', () => {
  test('with types that have no price is counted without them, and they are named with their number', () => {
    const found = estimateOf({
      Key: ['AWS::KMS::Key', {}],
      Table: ['AWS::DynamoDB::Table'],
      Other: ['AWS::DynamoDB::Table'],
      Own: ['Custom::Thing'],
    });
    expect(found.idle).toBe(1);
    expect(found.unpriced.map(nameOf)).toEqual(['AWS::DynamoDB::Table (2)', 'Custom::Thing (1)']);
    expect(report(found)).toMatch(
      /^Total .*\nnot priced: AWS::DynamoDB::Table \(2\)\nnot priced: Custom::Thing \(1\)\n$/m,
    );
  });

  test('of the kit fails with such types, and names each', () => {
    const own = { Resources: { Key: { Type: 'AWS::KMS::Key' }, Table: { Type: 'AWS::DynamoDB::Table' } } };
    expect(() => completeEstimate('prod', 'us-east-1', own)).toThrow(
      /^prod has resources without a price;.*\n {2}AWS::DynamoDB::Table \(1\): Table$/,
    );
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
  ])('with a %s of a kind that has no price says so', (type, properties, what) => {
    expect(unpricedOf({ It: [type, properties] })).toEqual([
      expect.stringMatching(new RegExp(`^${type} \\(1\\): .*${what}`)),
    ]);
  });

  test('with tasks outside Fargate, or on Windows, says so', () => {
    const { Service, ...rest } = service(1);
    const spot = { ...rest, Service: [Service[0], { ...Service[1], LaunchType: 'EC2' }] } as const;
    expect(unpricedOf(spot)).toEqual([expect.stringContaining('FARGATE')]);
    const windows = { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } };
    expect(unpricedOf(service(1, windows))).toEqual([expect.stringContaining('WINDOWS_SERVER_2022_CORE')]);
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
    const found = completeEstimate(name, config.region, template(config).toJSON());
    expect(found.idle).toBeGreaterThan(60);
    expect(found.idle).toBeLessThan(250);
    expect(total(found.items).idle).toBeCloseTo(found.idle, 6);
  },
);
