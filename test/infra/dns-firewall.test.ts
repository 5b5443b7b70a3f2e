import { describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { findingsOf } from '../../infra/rules/hardened.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations, digest, ecrImage, vpc } from './combinations.ts';
import { dnsRules, domainList, resolves } from './domain-lists.ts';
import { stages, unlisted } from './stages.ts';
import { only, stack, stageNames, template } from './synthesize.ts';
import { variants } from './variants.ts';

const HERE = [
  'api.ecr.us-east-1.amazonaws.com',
  '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  'prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com',
  'prod-us-east-1-starport-layer-bucket.s3.amazonaws.com',
  'logs.us-east-1.amazonaws.com',
  'secretsmanager.us-east-1.amazonaws.com',
];

describe.each(stageNames)('the DNS firewall of %s', (name) => {
  const found = template(stages[name]);

  test('allows scraped hosts and the names that tasks need, and answers NXDOMAIN to all others', () => {
    expect(dnsRules(found)).toEqual([
      { action: 'ALLOW', domains: ['example.com', '*.example.com'] },
      { action: 'ALLOW', domains: HERE },
      { action: 'BLOCK', domains: ['*'] },
    ]);
    const { FirewallRules } = only(found, 'AWS::Route53Resolver::FirewallRuleGroup').Properties;
    expect(FirewallRules[2]).toMatchObject({ BlockResponse: 'NXDOMAIN' });
  });

  test('gives each list a priority of its own, whichever lists there are', () => {
    const priorities = (of: Template) =>
      only(of, 'AWS::Route53Resolver::FirewallRuleGroup').Properties.FirewallRules.map(
        // biome-ignore lint/suspicious/noExplicitAny: a template has no types
        ({ Priority, FirewallDomainListId }: any) => [
          Priority,
          FirewallDomainListId['Fn::GetAtt'][0].slice(0, -8),
        ],
      );
    expect(priorities(found)).toEqual([
      [100, 'DnsFirewallScraped'],
      [200, 'DnsFirewallNeeded'],
      [300, 'DnsFirewallOthers'],
    ]);
    expect(priorities(template(combinations.tools))).toEqual([
      [200, 'DnsFirewallNeeded'],
      [300, 'DnsFirewallOthers'],
    ]);
  });

  test('judges the name that was asked for, not where it leads', () => {
    const { FirewallRules } = only(found, 'AWS::Route53Resolver::FirewallRuleGroup').Properties;
    for (const rule of FirewallRules) {
      expect(rule.FirewallDomainRedirectionAction).toBe('TRUST_REDIRECTION_DOMAIN');
      expect(rule).not.toHaveProperty('Qtype');
    }
  });

  test('stands before the VPC of the tasks', () => {
    expect(only(found, 'AWS::Route53Resolver::FirewallRuleGroupAssociation').Properties).toMatchObject({
      VpcId: { Ref: Object.keys(found.findResources('AWS::EC2::VPC'))[0] },
      FirewallRuleGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^DnsFirewallRuleGroup/), 'Id'] },
    });
  });

  test('logs queries, encrypted, and counts the blocked ones', () => {
    const { DestinationArn } = only(found, 'AWS::Route53Resolver::ResolverQueryLoggingConfig').Properties;
    const group = DestinationArn['Fn::GetAtt'][0];
    expect(group).toMatch(/^DnsFirewallLogGroup/);
    expect(found.findResources('AWS::Logs::LogGroup')[group]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        RetentionInDays: 365,
        KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^LogKey/), 'Arn'] },
      },
    });
    const association = only(found, 'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation').Properties;
    expect(association.ResourceId).toEqual({ Ref: Object.keys(found.findResources('AWS::EC2::VPC'))[0] });
    found.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.firewall_rule_action = "BLOCK" }',
      LogGroupName: { Ref: group },
    });
  });
});

describe('a DNS firewall that only observes', () => {
  const found = template(variants.observing);

  test('lets every name resolve, and counts those that are not listed', () => {
    expect(dnsRules(found).map(({ action }) => action)).toEqual(['ALLOW', 'ALLOW', 'ALERT']);
    expect(resolves(found, 'other.example.net')).toBe(true);
    const { FirewallRules } = only(found, 'AWS::Route53Resolver::FirewallRuleGroup').Properties;
    expect(FirewallRules[2]).not.toHaveProperty('BlockResponse');
    found.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.firewall_rule_action = "ALERT" }',
      MetricTransformations: [{ MetricName: 'DnsQueriesBlocked' }],
    });
  });

  test('raises a ticket, which says that the name resolved', () => {
    found.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'DnsQueriesBlocked',
      AlarmDescription: Match.stringLikeRegexp('^\\[medium\\] .* the DNS firewall only observes'),
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^MonitoringTicketTopic') }],
    });
  });

  test.each([
    [false, []],
    [true, ['UnlistedNamesBlocked']],
  ])('breaks a rule of production alone: %s', (production, expected) => {
    const rules = findingsOf(found.toJSON(), { production }).map(({ rule }) => rule.id);
    expect(rules.filter((id) => id === 'UnlistedNamesBlocked')).toEqual(expected);
  });
});

describe('names that tasks need', () => {
  const needed = (config: StageConfig) => domainList(template(config), 'Needed');
  const image = {
    imageUri: ecrImage.replace('123456789012', '999999999999').replace('us-east-1', 'eu-west-1'),
  };

  test('of an image in ECR elsewhere: its registry and the layers of its region', () => {
    expect(needed({ ...stages.prod, image }).slice(0, 4)).toEqual([
      'api.ecr.eu-west-1.amazonaws.com',
      '999999999999.dkr.ecr.eu-west-1.amazonaws.com',
      'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com',
      'prod-eu-west-1-starport-layer-bucket.s3.amazonaws.com',
    ]);
  });

  test('of an image elsewhere: what the stage says of its registry', () => {
    const elsewhere = {
      image: { imageUri: `ghcr.io/team/mcp@${digest}` },
      dnsFirewall: { additionalDomains: ['ghcr.io', '*.githubusercontent.com'] },
    };
    expect(needed({ ...stages.prod, ...elsewhere })).toEqual([
      ...HERE.slice(4),
      'ghcr.io',
      '*.githubusercontent.com',
    ]);
  });

  test('with OAuth the hosts of the issuer and of its keys; and what the stage names besides', () => {
    expect(needed(combinations.oauth)).toEqual([
      ...HERE,
      'login.example.com',
      'keys.example.com',
      'api.example.net',
      '*.example.net',
    ]);
    template(combinations.oauth).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('an issuer given by its address has no name', () => {
    const oauth = { issuer: 'https://[2001:db8::1]/', jwksUrl: 'https://192.0.2.1/keys' };
    expect(needed({ ...unlisted, task: { oauth } })).toEqual(HERE);
  });

  test('in another partition end as its names do', () => {
    const config: StageConfig = { ...stages.prod, region: 'cn-north-1' };
    for (const name of needed(config)) expect(name).toMatch(/\.amazonaws\.com\.cn$/);
    expect(needed(config)).toHaveLength(6);
  });

  test('without an internet route nothing is scraped: only endpoints have names', () => {
    const found = template(combinations.tools);
    expect(domainList(found, 'Scraped')).toEqual([]);
    expect(domainList(found, 'Needed')).toEqual([
      ...HERE,
      'sqs.us-east-1.amazonaws.com',
      's3.us-east-1.amazonaws.com',
      '*.s3.us-east-1.amazonaws.com',
      '593207742271.dkr.ecr.us-east-1.amazonaws.com',
      'guardduty-data.us-east-1.amazonaws.com',
    ]);
    expect(resolves(found, 'example.com')).toBe(false);
  });

  test('of a service are the hosts of its API, whatever its endpoint is called', () => {
    const found = template(variants.toolEndpoints);
    const hosts = [
      ...[
        'kinesis',
        '123456789012.data-kinesis',
        'firehose',
        'api.sagemaker',
        'runtime.sagemaker',
        'api.pricing',
      ],
      ...['a1b2c3d4e5.execute-api', 'dynamodb', '123456789012.ddb', 'api.iotsitewise', 'sns'],
    ];
    expect(hosts.filter((host) => !resolves(found, `${host}.us-east-1.amazonaws.com`))).toEqual([]);
    const others = ['kinesis-streams', 'kinesis-firehose', 'sagemaker.runtime', 'evil.sns', 'sqs'];
    expect(others.filter((host) => resolves(found, `${host}.us-east-1.amazonaws.com`))).toEqual([]);
  });
});

describe('without a DNS firewall', () => {
  test.each(['vpc', 'vpcEndpoints', 'anyHost'] as const)('%s has none of it', (name) => {
    const found = template(combinations[name]);
    const { Resources } = found.toJSON();
    expect(JSON.stringify(Resources)).not.toMatch(/AWS::Route53Resolver|DnsQueriesBlocked/);
  });

  test('a VPC without a route has one whatever may be scraped', () => {
    const task = { ...stages.dev.task, allowedDomains: ['*'] };
    template({ ...combinations.tools, task }).resourceCountIs(
      'AWS::Route53Resolver::FirewallRuleGroupAssociation',
      1,
    );
  });

  test.each([
    [{ network: { vpc } }, 'dnsFirewall must be left out with network.vpc, whose other workloads'],
    [{ task: { allowedDomains: ['example.com', '*'] } }, 'and while task.allowedDomains has *'],
  ])('its options fail with %j', (options, message) => {
    expect(() => stack({ ...stages.dev, ...options, dnsFirewall: {} })).toThrow(message);
  });
});

test.each([
  [
    { dnsFirewall: { additionalDomains: ['*'] } },
    'dnsFirewall.additionalDomains must be a domain such as api.example.com or *.example.com (IDN as punycode), got "*"',
  ],
  [{ dnsFirewall: { additionalDomains: ['https://api.example.com'] } }, 'additionalDomains must be a domain'],
  [{ dnsFirewall: { additionalDomains: ['api.*.com'] } }, 'additionalDomains must be a domain such as'],
  [{ dnsFirewall: { logRetentionDays: 42 } }, 'dnsFirewall.logRetentionDays must be a value CloudWatch'],
  [
    { image: { imageUri: `ghcr.io/team/mcp@sha256:${'0'.repeat(64)}` } },
    'dnsFirewall.additionalDomains must name the hosts of the registry of image.imageUri',
  ],
])('fails on %j', (options, message) => {
  expect(() => stack({ ...stages.dev, ...options })).toThrow(message);
});
