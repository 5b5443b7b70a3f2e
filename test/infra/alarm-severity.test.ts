import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SEVERITIES, type Severity } from '../../infra/lib/alarm-row.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, resources, template } from './synthesize.ts';

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');
const webscraping = {
  ...stages.prod,
  task: { scrapeEngine: 'webscraping-ai' },
} as const satisfies StageConfig;
const { archive, oauth, valkey, server } = combinations;
const monitored: Record<string, StageConfig> = { ...stages, archive, oauth, webscraping, valkey, server };
const topicOf = {
  high: /^MonitoringPageTopic/,
  medium: /^MonitoringTicketTopic/,
  low: /^MonitoringTicketTopic/,
};

interface Alarm {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly properties: any;
}

function alarms(config: StageConfig): Alarm[] {
  return Object.entries(resources(template(config), 'AWS::CloudWatch::Alarm')).map(
    ([id, { Properties }]) => ({
      id,
      name: Properties.AlarmName.replace('Mcp-test-', ''),
      severity: /^\[(\w+)\] /.exec(Properties.AlarmDescription)?.[1] ?? 'none',
      properties: Properties,
    }),
  );
}

/** The alarms of all configurations, by severity. */
const known = Object.values(monitored).flatMap(alarms);
const named = (severity: Severity) => [
  ...new Set(known.filter((alarm) => alarm.severity === severity).map(({ name }) => name)),
];

test('the severity of each alarm is on purpose', () => {
  expect(Object.fromEntries(SEVERITIES.map((severity) => [severity, named(severity).sort()]))).toEqual({
    high: [
      'ArchiveForwardingFailed',
      'AuditBackpressure',
      'AuditChainBroken',
      'AuditCheckMissing',
      'DnsQueriesBlocked',
      'IssuerKeysFailed',
      'LoadBalancerErrors',
      'RejectedConnections',
      'SecretRefreshFailed',
      'TargetErrors',
      'TooFewTasks',
    ],
    medium: [
      'AccessListChanged',
      'AccessListWritten',
      'ArchiveDelayed',
      'ArchiveForwardingThrottled',
      'ArchiveWriteFailed',
      'AuditCheckFailed',
      'BlockedRequests',
      'DeniedCalls',
      'FailedCalls',
      'HighCpu',
      'HighLatency',
      'HighMemory',
      'LimitStoreDown',
      'RotationFailed',
      'ServerUnavailable',
      'ToolChanged',
      'UnhealthyTasks',
    ],
    low: ['ApiKeyAge', 'RateLimitedCalls'],
  });
});

describe.each(Object.entries(monitored))('the alarms of %s', (_name, config) => {
  test('state their severity first', () => {
    const stated = alarms(config).map(({ severity }) => severity);
    expect(stated.length).toBeGreaterThan(15);
    expect(SEVERITIES).toEqual(expect.arrayContaining(stated));
  });

  test('tell the topic of their severity, and no other, when they start and when they end', () => {
    for (const { severity, properties } of alarms(config)) {
      const topic = [{ Ref: expect.stringMatching(topicOf[severity as Severity]) }];
      expect(properties).toMatchObject({ AlarmActions: topic, OKActions: topic });
    }
  });

  test('stand at the top of the dashboard, each once, most urgent first', () => {
    const parts: unknown[] = only(template(config), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody[
      'Fn::Join'
    ][1];
    const body = parts.map((part) => (typeof part === 'string' ? part : idIn(part))).join('');
    const { widgets } = JSON.parse(body) as {
      widgets: { type: string; y: number; properties: { title: string; alarms: string[] } }[];
    };
    const shown = widgets.slice(0, SEVERITIES.length);
    for (const [index, severity] of SEVERITIES.entries()) {
      const ids = alarms(config).flatMap((alarm) => (alarm.severity === severity ? alarm.id : []));
      expect(shown[index]).toMatchObject({ type: 'alarm', y: 0, properties: { alarms: ids } });
      expect(shown[index]?.properties.title.toLowerCase()).toMatch(new RegExp(`^${severity}: `));
    }
  });
});

function idIn(part: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return attribute?.[0] ?? Ref ?? '';
}

describe('the runbook', () => {
  test('says the severity of each alarm in its article', () => {
    for (const { name, severity } of known) {
      const [, rest = ''] = runbook.split(`\n## ${name}\n`);
      const [article = ''] = rest.split('\n## ');
      const said = [...article.matchAll(/^\*\*Severity\.\*\* (\w+): /gm)].map(([, word]) =>
        word?.toLowerCase(),
      );
      expect([name, said]).toEqual([name, [severity]]);
    }
  });

  test.each(SEVERITIES)('lists the alarms of severity %s, each once', (severity) => {
    const [, row = ''] = new RegExp(`^\\| ${severity} \\|([^|]*)\\|`, 'm').exec(runbook) ?? [];
    const listed = [...row.matchAll(/\[(\w+)\]\(#(\w+)\)/g)].map(([, name, anchor]) => {
      expect(anchor).toBe(name?.toLowerCase());
      return name;
    });
    expect(listed.sort()).toEqual(named(severity).sort());
  });
});

describe('the recipients of alarms', () => {
  const prod = stages.prod;
  const heard = (monitoring: StageConfig['monitoring']) =>
    all(template({ ...prod, ...(monitoring && { monitoring }) }), 'AWS::SNS::Subscription').map(
      ({ Properties: { Protocol, Endpoint, TopicArn } }) =>
        `${Protocol} ${Endpoint} ${TopicArn.Ref.slice(0, 'Monitoring'.length + 4)}`,
    );

  test('dev notifies no one by default', () => {
    template(stages.dev).resourceCountIs('AWS::SNS::Subscription', 0);
  });

  test('email receives all alarms', () => {
    expect(heard({ email: 'oncall@example.com' })).toEqual([
      'email oncall@example.com MonitoringPage',
      'email oncall@example.com MonitoringTick',
    ]);
  });

  test('pagerEmail receives those of high severity', () => {
    expect(heard({ pagerEmail: 'pager@example.com' })).toEqual(['email pager@example.com MonitoringPage']);
    expect(heard({ email: 'team@example.com', pagerEmail: 'pager@example.com' })).toEqual([
      'email team@example.com MonitoringPage',
      'email pager@example.com MonitoringPage',
      'email team@example.com MonitoringTick',
    ]);
  });

  test('one address for both is subscribed once to each', () => {
    expect(heard({ email: 'a@example.com', pagerEmail: 'a@example.com' })).toHaveLength(2);
  });

  test('anything else subscribes to the topics, which the outputs name', () => {
    template(prod).hasOutput('PageTopicArn', {});
    template(prod).hasOutput('TicketTopicArn', {});
    const senders = all(template(prod), 'AWS::SNS::Topic').map(({ Properties }) => Properties.DisplayName);
    expect(senders).toEqual(['Mcp-test pages', 'Mcp-test tickets']);
  });
});
