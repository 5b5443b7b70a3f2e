import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { NO_FAULTS } from '../../infra/rules/alarms.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, type Resource, resources, stack, template } from './synthesize.ts';

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');
const headings = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading);

const webscraping = {
  ...stages.prod,
  task: { scrapeEngine: 'webscraping-ai' },
} as const satisfies StageConfig;
const { archive, oauth, valkey, server } = combinations;
const monitored = { ...stages, archive, oauth, webscraping, valkey, server };
type Monitored = keyof typeof monitored;

function alarms(name: Monitored): Record<string, Resource['Properties']> {
  return alarmsOf(monitored[name]);
}

function alarmsOf(config: StageConfig): Record<string, Resource['Properties']> {
  const found = all(template(config), 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  return Object.fromEntries(found.map((alarm) => [alarm.AlarmName.replace('Mcp-test-', ''), alarm]));
}

describe.each(Object.keys(monitored) as Monitored[])('the monitoring of %s', (name) => {
  const found = template(monitored[name]);

  test('every alarm is on', () => {
    for (const alarm of Object.values(alarms(name))) expect(alarm.ActionsEnabled ?? true).toBe(true);
  });

  test('every alarm has its article in the runbook', () => {
    for (const [alarm, { AlarmDescription }] of Object.entries(alarms(name))) {
      expect(headings).toContain(alarm);
      expect(AlarmDescription).toMatch(new RegExp(`\\. Runbook: ${alarm} in RUNBOOK\\.md$`));
    }
  });

  test('every alarm reads a metric that something here writes', () => {
    const filters = all(found, 'AWS::Logs::MetricFilter').map(
      ({ Properties }) => `HardenedMcp/Mcp-test ${Properties.MetricTransformations[0].MetricName}`,
    );
    const known = new Set([
      ...filters.filter((metric) => !NO_FAULTS.some((name) => metric.endsWith(` ${name}`))),
      'AWS/ApplicationELB HTTPCode_ELB_5XX_Count',
      'AWS/ApplicationELB HTTPCode_Target_5XX_Count',
      'AWS/ApplicationELB RejectedConnectionCount',
      'AWS/ApplicationELB UnHealthyHostCount',
      'AWS/ApplicationELB HealthyHostCount',
      'AWS/ApplicationELB TargetResponseTime',
      'AWS/ECS CPUUtilization',
      'AWS/ECS MemoryUtilization',
      'AWS/WAFV2 BlockedRequests',
      'AWS/Lambda Errors',
      'AWS/Lambda Invocations',
      'AWS/Events MatchedEvents',
      ...(name === 'archive'
        ? [
            'AWS/Logs DeliveryErrors',
            'AWS/Logs DeliveryThrottling',
            'AWS/Firehose DeliveryToS3.DataFreshness',
          ]
        : []),
    ]);
    const read = Object.values(alarms(name)).map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`);
    expect(new Set(read)).toEqual(known);
    for (const { Namespace, Dimensions } of Object.values(alarms(name))) {
      if (!Namespace.startsWith('HardenedMcp/')) expect(Dimensions.length).toBeGreaterThan(0);
    }
  });

  test('alarms are exactly these', () => {
    const above = 'GreaterThanOrEqualToThreshold';
    const rows = Object.entries(alarms(name)).map(([alarm, properties]) => {
      const { Threshold, ComparisonOperator, EvaluationPeriods, Statistic, ExtendedStatistic } = properties;
      const { Period, TreatMissingData } = properties;
      expect(properties.DatapointsToAlarm ?? EvaluationPeriods).toBe(EvaluationPeriods);
      const statistic = Statistic ?? ExtendedStatistic;
      return [alarm, ComparisonOperator, Threshold, statistic, Period, EvaluationPeriods, TreatMissingData];
    });
    expect(rows.sort()).toEqual([
      ['AccessListChanged', above, 1, 'Sum', 300, 1, 'notBreaching'],
      ['AccessListWritten', above, 1, 'Sum', 300, 1, 'notBreaching'],
      ...(name === 'webscraping' ? [['ApiKeyAge', above, 90, 'Maximum', 21_600, 1, 'notBreaching']] : []),
      ...(name === 'archive'
        ? [
            ['ArchiveDelayed', above, 1800, 'Maximum', 300, 1, 'notBreaching'],
            ['ArchiveForwardingFailed', above, 1, 'Sum', 300, 1, 'notBreaching'],
            ['ArchiveForwardingThrottled', above, 1, 'Sum', 300, 6, 'notBreaching'],
            ['ArchiveWriteFailed', above, 1, 'Sum', 300, 1, 'notBreaching'],
          ]
        : []),
      ['AuditBackpressure', above, 1, 'Sum', 300, 1, 'notBreaching'],
      ['AuditChainBroken', above, 1, 'Sum', 3600, 1, 'notBreaching'],
      ['AuditCheckFailed', above, 1, 'Sum', 300, 1, 'notBreaching'],
      // No data is no run.
      ['AuditCheckMissing', 'LessThanThreshold', 1, 'Sum', 600, 3, 'breaching'],
      ['BlockedRequests', above, 1000, 'Sum', 300, 1, 'notBreaching'],
      ['DeniedCalls', above, 50, 'Sum', 300, 1, 'notBreaching'],
      ['DnsQueriesBlocked', above, 1, 'Sum', 300, 1, 'notBreaching'],
      ['FailedCalls', above, 20, 'Sum', 300, 1, 'notBreaching'],
      ['HighCpu', above, 85, 'Average', 60, 10, 'notBreaching'],
      ['HighLatency', above, 20, 'p99', 60, 5, 'notBreaching'],
      ['HighMemory', above, 85, 'Average', 60, 10, 'notBreaching'],
      ...(name === 'oauth' ? [['IssuerKeysFailed', above, 3, 'Sum', 300, 1, 'notBreaching']] : []),
      ...(name === 'valkey' || name === 'server'
        ? [['LimitStoreDown', above, 1, 'Sum', 300, 1, 'notBreaching']]
        : []),
      ['LoadBalancerErrors', above, 5, 'Sum', 60, 3, 'notBreaching'],
      ['RateLimitedCalls', above, 100, 'Sum', 300, 1, 'notBreaching'],
      ['RejectedConnections', above, 1, 'Sum', 60, 1, 'notBreaching'],
      ...(name === 'oauth' ? [] : [['RotationFailed', above, 1, 'Sum', 300, 1, 'notBreaching']]),
      ['SecretRefreshFailed', above, 1, 'Sum', 300, 1, 'notBreaching'],
      ...(name === 'server' ? [['ServerUnavailable', above, 5, 'Sum', 300, 2, 'notBreaching']] : []),
      ['TargetErrors', above, 5, 'Sum', 60, 3, 'notBreaching'],
      // No data is no healthy task.
      ['TooFewTasks', 'LessThanThreshold', name === 'dev' ? 1 : 2, 'Minimum', 60, 5, 'breaching'],
      ...(name === 'server' ? [['ToolChanged', above, 1, 'Sum', 300, 1, 'notBreaching']] : []),
      ['UnhealthyTasks', above, 1, 'Maximum', 60, 3, 'notBreaching'],
    ]);
  });

  test('both topics are encrypted, take TLS only, and only alarms of this account publish', () => {
    const topics = resources(found, 'AWS::SNS::Topic');
    expect(Object.keys(topics)).toEqual([
      expect.stringMatching(/^MonitoringPageTopic/),
      expect.stringMatching(/^MonitoringTicketTopic/),
    ]);
    const policies = all(found, 'AWS::SNS::TopicPolicy').map(({ Properties }) => Properties);
    for (const [logicalId, { Properties }] of Object.entries(topics)) {
      expect(Properties.KmsMasterKeyId).toEqual({
        'Fn::GetAtt': [expect.stringMatching(/^MonitoringTopicKey/), 'Arn'],
      });
      const [policy, ...others] = policies.filter(({ Topics }) => Topics[0].Ref === logicalId);
      expect(others).toEqual([]);
      expect(policy.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Resource: { Ref: logicalId },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Resource: { Ref: logicalId },
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]);
    }
    const key = all(found, 'AWS::KMS::Key').find(({ Properties }) => /alarm/.test(Properties.Description));
    expect(key?.Properties.KeyPolicy.Statement[1]).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });

  test('the alarms that roll a deployment back exist before the service does', () => {
    const { DependsOn } = only(found, 'AWS::ECS::Service');
    expect(DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^MonitoringTargetErrors/),
        expect.stringMatching(/^MonitoringUnhealthyTasks/),
      ]),
    );
  });
});

test('every article of the runbook has its alarm', () => {
  const found = (Object.keys(monitored) as Monitored[]).flatMap((name) => Object.keys(alarms(name)));
  expect([...new Set(found)].sort()).toEqual([...headings].sort());
});

describe('the alarm for the age of the upstream API key', () => {
  const { ApiKeyAge } = alarmsOf(webscraping);

  test('reads the days that the rotation function writes into its own log', () => {
    const [filter] = all(template(webscraping), 'AWS::Logs::MetricFilter').filter(({ Properties }) =>
      Properties.LogGroupName.Ref.startsWith('ClientTokens'),
    );
    expect(filter?.Properties).toMatchObject({
      FilterPattern: '{ ($.type = "log") && ($.event = "api_key_age") }',
      MetricTransformations: [
        { MetricNamespace: 'HardenedMcp/Mcp-test', MetricName: 'ApiKeyAgeDays', MetricValue: '$.ageDays' },
      ],
    });
    expect(ApiKeyAge).toMatchObject({
      Namespace: 'HardenedMcp/Mcp-test',
      MetricName: 'ApiKeyAgeDays',
      Statistic: 'Maximum',
      // The function tells it every hour.
      Period: 21_600,
      EvaluationPeriods: 1,
    });
  });

  test('is on from 90 days, or what the option says', () => {
    expect(ApiKeyAge).toMatchObject({
      Threshold: 90,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmDescription: expect.stringContaining('The upstream API key is 90 days old'),
    });
    const config = { ...webscraping, secrets: { apiKeyMaxAgeDays: 30 } };
    expect(alarmsOf(config)['ApiKeyAge'].Threshold).toBe(30);
  });
});

test('the dashboard has the clients and users with the most requests, from the audit log', () => {
  const body = JSON.stringify(
    only(template(stages.prod), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody,
  );
  const [logGroup] = Object.keys(resources(template(stages.prod), 'AWS::Logs::LogGroup')).filter((id) =>
    id.startsWith('AuditLog'),
  );
  expect(body).toContain(`SOURCE '",{"Ref":"${logGroup}"}`);
  expect(body).toContain('count(*) as requests, sum(isDenied) as denied, sum(isLimited) as limited');
  expect(body).toContain('by clientId, userId');
});

test('a rule counts the new values of the access list, whether or not a task reads them, without a trail of CloudTrail', () => {
  const found = template(stages.prod);
  const [list] = Object.keys(resources(found, 'AWS::SecretsManager::Secret')).filter((id) =>
    id.startsWith('SecretsAccessList'),
  );
  const rules = Object.entries(resources(found, 'AWS::Events::Rule')).filter(
    ([, { Properties }]) => Properties.EventPattern?.source[0] === 'aws.secretsmanager',
  );
  expect(rules.map(([, { Properties }]) => Properties)).toEqual([
    {
      Description: 'The access list has a new value',
      EventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['Secret Label Updated'],
        resources: [{ Ref: list }],
        detail: { labelUpdated: ['AWSCURRENT'] },
      },
      State: 'ENABLED',
    },
  ]);
  expect(alarms('prod')['AccessListWritten']).toMatchObject({
    Namespace: 'AWS/Events',
    MetricName: 'MatchedEvents',
    Dimensions: [{ Name: 'RuleName', Value: { Ref: rules[0]?.[0] } }],
  });
});

describe('log metrics', () => {
  const configs: StageConfig[] = [monitored.oauth, monitored.valkey, monitored.server];
  const filters = configs
    .flatMap((config) => all(template(config), 'AWS::Logs::MetricFilter'))
    .map(({ Properties }) => [Properties.MetricTransformations[0].MetricName, Properties.FilterPattern])
    .filter(([name]) => name !== 'ApiKeyAgeDays');

  test('count the words the service writes', () => {
    expect(Object.fromEntries(filters)).toEqual({
      DnsQueriesBlocked: '{ $.firewall_rule_action = "BLOCK" }',
      DeniedCalls: '{ ($.type = "audit") && ($.outcome = "denied") }',
      RateLimitedCalls: '{ ($.type = "audit") && ($.outcome = "rate_limited") }',
      FailedCalls: '{ ($.type = "audit") && (($.outcome = "error") || ($.outcome = "timeout")) }',
      SecretRefreshFailed:
        '{ ($.type = "log") && (($.event = "secret_refresh_failed") || ($.event = "token_list_invalid") || ($.event = "access_list_invalid")) }',
      LegacyCalls:
        '{ ($.type = "audit") && (($.outcome = "ok") || ($.outcome = "tool_error")) && (($.protocolVersion NOT EXISTS) || ($.protocolVersion != "2026-07-28")) }',
      AccessListChanged: '{ ($.type = "log") && ($.event = "access_list_changed") }',
      IssuerKeysFailed: '{ ($.type = "log") && ($.event = "issuer_keys_failed") }',
      LimitStoreDown:
        '{ ($.type = "log") && (($.event = "rate_limit_store_down") || ($.event = "rate_limit_store_not_replaced")) }',
      ToolChanged:
        '{ ($.type = "log") && (($.event = "tool_changed") || ($.event = "resource_changed") || ($.event = "prompt_changed")) }',
      ServerUnavailable: '{ ($.type = "audit") && ($.errorCode = "server_unavailable") }',
      AuditBackpressure: '{ ($.type = "log") && ($.event = "audit_backpressure") }',
      AuditChainBroken: '{ ($.type = "log") && ($.event = "audit_chain_broken") }',
    });
  });

  test('have a query in the runbook that finds what they count', () => {
    for (const [metric, pattern] of filters.filter(([name]) => !NO_FAULTS.includes(name))) {
      const [, article = ''] = runbook.split(`## ${metric}\n`);
      const [, query = ''] = /^[^#]*?```\n([^`]*)```/.exec(article) ?? [];
      const words = [...String(pattern).matchAll(/\$\.(\w+) = ("\w+")/g)];
      expect(words.length).toBeGreaterThanOrEqual(metric === 'DnsQueriesBlocked' ? 1 : 2);
      for (const [, field, value] of words) expect(query).toContain(`${field} = ${value}`);
    }
  });

  test('the runbook changes options that exist, by their path', () => {
    const paths = [
      ...runbook.matchAll(
        /`((?:task|rateLimitStore|dnsFirewall|scaling|edge|webAcl|monitoring|secrets)\.(\w+))`/g,
      ),
    ];
    expect(paths.length).toBeGreaterThan(10);
    for (const [, path, option] of paths) {
      const section = path?.split('.')[0] ?? '';
      expect(() => stack({ ...stages.dev, [section]: { [option ?? '']: null } })).toThrow(
        new RegExp(`^${path} must be `),
      );
    }
  });

  test('read the audit log, but for those of blocked names and of its own check', () => {
    for (const { Properties } of all(template(monitored.oauth), 'AWS::Logs::MetricFilter')) {
      const others: Record<string, RegExp> = {
        DnsQueriesBlocked: /^DnsFirewallLogGroup/,
        AuditChainBroken: /^AuditCheckLogGroup/,
      };
      const [{ MetricName }] = Properties.MetricTransformations;
      expect(Properties.LogGroupName.Ref).toMatch(others[MetricName] ?? /^AuditLog\w{8}$/);
    }
  });
});

describe('monitoring options', () => {
  test('runbookUrl is where the anchors lead', () => {
    const config = { ...stages.prod, monitoring: { runbookUrl: 'https://wiki.example.com/mcp' } };
    template(config).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('https://wiki.example.com/mcp#toofewtasks$'),
    });
  });

  test.each([
    [{ runbookUrl: 'RUNBOOK.md' }, 'monitoring.runbookUrl must be a URL without an anchor, got "RUNBOOK.md"'],
    [{ email: 'oncall' }, 'monitoring.email must be an e-mail address, got "oncall"'],
    [{ pagerEmail: 'pager' }, 'monitoring.pagerEmail must be an e-mail address, got "pager"'],
    [{ latencyP99Ms: 1 }, 'latencyP99Ms must be a whole number from 100 to 60000, got 1'],
    [{ deniedCallsPer5Min: 0 }, 'deniedCallsPer5Min must be a whole number from 1 to 1000000, got 0'],
    [
      { blockedRequestsPer5Min: 0 },
      'blockedRequestsPer5Min must be a whole number from 1 to 100000000, got 0',
    ],
  ])('fails on %j', (monitoring, message) => {
    expect(() => stack({ ...stages.dev, monitoring })).toThrow(message);
  });
});
