import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Tags } from 'aws-cdk-lib/core';
import { parseStageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { type Resource, resources, stack, template } from './synthesize.ts';

const QUERY_LOG = 'AWS::Route53Resolver::ResolverQueryLoggingConfig';

const tagsOf = ({ Properties }: Resource): unknown => Properties?.Tags ?? Properties?.ResourceTags;

describe('tags', () => {
  const all = template(combinations.valkey).toJSON()['Resources'] as Record<string, Resource>;
  const tag = { Key: 'cost-center', Value: '4711' };
  const types = (tagged: boolean) => [
    ...new Set(
      Object.values(all)
        .filter((resource) => JSON.stringify(tagsOf(resource) ?? []).includes('cost-center') === tagged)
        .map(({ Type }) => Type),
    ),
  ];

  test('are on what costs money and on what holds data', () => {
    expect(types(true)).toEqual(
      expect.arrayContaining(
        [
          ...['EC2::VPC', 'EC2::NatGateway', 'EC2::VPCEndpoint', 'ElasticLoadBalancingV2::LoadBalancer'],
          ...['ECS::Cluster', 'ECS::Service', 'ECS::TaskDefinition', 'ElastiCache::ServerlessCache'],
          ...['KMS::Key', 'SecretsManager::Secret', 'Logs::LogGroup', 'S3::Bucket', 'SNS::Topic'],
          ...['Lambda::Function', 'WAFv2::WebACL', 'IAM::Role', 'CertificateManager::Certificate'],
        ].map((type) => `AWS::${type}`),
      ),
    );
    expect(
      Object.values(all).find(({ Type }) => Type === 'AWS::ECS::Cluster')?.Properties.Tags,
    ).toContainEqual(tag);
  });

  test('are never on the query log, whose replacement Route 53 Resolver refuses, whoever adds them', () => {
    expect(types(false)).toContain(QUERY_LOG);
    const fork = stack({ ...stages.dev, tags: { team: 'a' } });
    Tags.of(fork.node.root).add('fork', 'b');
    const found = Template.fromStack(fork);
    const [config] = Object.values(resources(found, QUERY_LOG));
    expect(Object.keys(config?.Properties)).toEqual(['DestinationArn']);
    const [vpc] = Object.values(resources(found, 'AWS::EC2::VPC'));
    expect(vpc?.Properties.Tags).toEqual(
      expect.arrayContaining([
        { Key: 'fork', Value: 'b' },
        { Key: 'team', Value: 'a' },
      ]),
    );
  });

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '']));

  test.each<[string, Record<string, string>]>([
    ['forty', many(40)],
    ['the longest key and value', { ['k'.repeat(128)]: 'v'.repeat(256) }],
    ['every sign, and letters of any language', { 'équipe:a/b=c+d-e@f_g.h i': '価格 1' }],
  ])('may be %s', (_name, tags) => {
    expect(parseStageConfig({ ...stages.dev, tags }).tags).toEqual(tags);
  });

  test.each<[Record<string, string>, string]>([
    [many(41), 'tags must be at most 40 tags, got 41'],
    [
      Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`team-${index}`, 'x'.repeat(250)])),
      'tags must have at most 2000 characters in all, got 2097',
    ],
    [
      { 'AWS:team': 'a' },
      'tags must have no key that begins with aws:, which AWS reserves, got "AWS:team": "a"',
    ],
    [{ '': 'a' }, 'tags must have keys of 1 to 128 characters, got "": "a"'],
    [{ ['k'.repeat(129)]: 'a' }, 'tags must have keys of 1 to 128 characters'],
    [{ team: 'v'.repeat(257) }, 'tags must have values of at most 256 characters'],
    [{ 'a,b': 'c' }, 'tags must have letters, digits, spaces and _.:/=+-@ only, got "a,b": "c"'],
    [
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, 'v'.repeat(249)])),
      'tags must have at most 2000 characters in all, got 2571',
    ],
    [{ team: '"x"' }, 'tags must have letters, digits, spaces and _.:/=+-@ only'],
  ])('fail on %j', (tags, message) => {
    expect(() => parseStageConfig({ ...stages.dev, tags })).toThrow(message);
  });
});

test('the query log keeps its logical ids: another id is a replacement, which Route 53 Resolver refuses', () => {
  const found = template(stages.prod);
  expect(Object.keys(resources(found, QUERY_LOG))).toEqual(['DnsFirewallLoggingC1F906C9']);
  expect(Object.keys(resources(found, `${QUERY_LOG}Association`))).toEqual([
    'DnsFirewallLoggingAssociation4FBCCA2D',
  ]);
});
