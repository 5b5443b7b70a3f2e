import { describe, expect, test } from '@jest/globals';
import { CHECKS } from '../../../cli/preflight/checks.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { combinations } from '../../infra/combinations.ts';
import { association, SERVERS, stackWith, vpcsOf } from './account.ts';
import {
  agent,
  aRecord,
  type Case,
  known,
  noRole,
  outputs,
  quota,
  stack,
  withAgent,
  zonesOf,
} from './accounts/answers.ts';
import { DOMAIN } from './accounts/domain.ts';
import { NETWORK } from './accounts/network.ts';
import { STAGE } from './accounts/stage.ts';
import { runIn, type Scope } from './run.ts';
import { Refusal } from './stand-in.ts';

const { dev, prod, endpoints, vpc } = combinations;
const FAILING = { ...STAGE, ...DOMAIN, ...NETWORK };

describe('an account that takes the stage', () => {
  // The parts that are of another account, or in no registry of AWS, are not told.
  test.each([
    ['dev', combinations.dev, []],
    ['prod', combinations.prod, ['principal']],
    ['endpoints', combinations.endpoints, ['principal']],
    ['vpc', combinations.vpc, ['image']],
    ['vpcEndpoints', combinations.vpcEndpoints, []],
    ['knownClients', combinations.knownClients, []],
    ['valkey', combinations.valkey, ['principal']],
    ['server', combinations.server, ['principal']],
    ['pinnedServer', combinations.pinnedServer, []],
    ['ownToolsInside', combinations.ownToolsInside, []],
    ['internal', combinations.internal, []],
    ['internalEndpoints', combinations.internalEndpoints, []],
    ['internalVpc', combinations.internalVpc, ['principal']],
  ] as const)('passes for %s', async (_, config, untold) => {
    const { findings } = await runIn(known(config));
    expect(findings.filter(({ verdict }) => verdict === 'will fail')).toEqual([]);
    expect(findings.flatMap(({ verdict, check }) => (verdict === 'ok' ? [] : check))).toEqual(untold);
  });

  test('passes when the stage is deployed and has taken the last of each quota', async () => {
    const scope = known(combinations.prod);
    const types = [...new Set(Object.values(scope.template.Resources).map(({ Type }) => Type))];
    const { findings } = await runIn(scope, {
      answers: {
        'cloudformation:DescribeStacks': () => stack('UPDATE_COMPLETE'),
        'cloudformation:ListStackResources': stackWith(scope.template, ...types),
        'ec2:DescribeAddresses': () => ({ addressesSet: { item: Array(5).fill({ publicIp: '192.0.2.1' }) } }),
        'ec2:DescribeVpcs': vpcsOf(['1', '2', '3', '4', '5']),
        'route53:ListResourceRecordSets': () => aRecord('A'),
        'lambda:GetAccountSettings': () => ({ AccountLimit: { UnreservedConcurrentExecutions: 100 } }),
        'logs:DescribeResourcePolicies': () => ({ resourcePolicies: Array(10).fill({}) }),
        'secretsmanager:ListSecrets': () => ({ SecretList: [{ Name: 'Mcp-test/clients/ci/token' }] }),
      },
    });
    expect(findings.filter(({ verdict }) => verdict === 'will fail')).toEqual([]);
  });
});

const asScope = (stage: StageConfig | Scope): Scope => ('template' in stage ? stage : known(stage));

describe.each(Object.entries(FAILING))('%s', (name, cases) => {
  test.each(cases)('fails in an account %s', async (_, stage, circumstances, line, fix = '') => {
    const { findings } = await runIn(asScope(stage), circumstances, name);
    const failed = findings.filter(({ check, verdict }) => check === name && verdict === 'will fail');
    expect(failed).not.toEqual([]);
    expect(failed.map(({ detail }) => detail).join('\n')).toContain(line);
    expect(failed.map((one) => one.fix).join('\n')).toContain(fix);
  });
});

test('each check has an account that fails it', () => {
  expect(Object.keys(FAILING).sort()).toEqual([...new Set(CHECKS.map(({ name }) => name))].sort());
});

describe('could not tell', () => {
  const untold: readonly Case[] = [
    [
      'DNS that does not answer',
      dev,
      { dns: { 'NS example.com': 'drop' } },
      'hosted zone: DNS did not answer for the name servers of example.com',
    ],
    [
      'DNS that names other servers besides',
      dev,
      { dns: { 'NS example.com': [...SERVERS, 'ns1.old.example'] } },
      'hosted zone: DNS delegates example.com to ns1.old.example besides this zone',
    ],
    [
      'CAA records that DNS does not answer for',
      dev,
      { dns: { 'CAA mcp-dev.example.com': 'drop' } },
      'certificate: DNS did not answer for the CAA records of mcp-dev.example.com',
    ],
    [
      'a landing zone that logs every other VPC',
      dev,
      {
        answers: {
          'cloudcontrolapi:ListResources': () => ({
            ResourceDescriptions: ['vpc-1', 'vpc-2'].map((id) => association(id, 'rqlc-central')),
          }),
        },
      },
      'DNS query log: rqlc-central is associated with each of the 2 VPCs',
    ],
    [
      'a stack of the same name that serves another domain',
      prod,
      {
        answers: {
          'cloudformation:DescribeStacks': () =>
            stack('UPDATE_COMPLETE', outputs({ Url: 'https://search.example.com/mcp' })),
        },
      },
      'stack: Mcp-test exists and serves https://search.example.com/mcp',
      'if the stack is of another server, give this one another name',
    ],
    [
      'a zone of old hardware',
      dev,
      { answers: zonesOf(['us-east-1a', 'use1-az3'], ['us-east-1b', 'use1-az1']) },
      'availability zones: us-east-1a (use1-az3), us-east-1b (use1-az1): use1-az3 may have no Fargate for ARM64',
    ],
    [
      'Fargate vCPUs for the least, not for the most',
      prod,
      { answers: quota('L-3032A538', 2) },
      'quota of Fargate vCPUs: the account may use 2; the stage takes 1, and up to 6',
    ],
    [
      'a role that AWS should create',
      dev,
      { answers: noRole('AWSServiceRoleForElasticLoadBalancing') },
      'service-linked role: it does not exist; AWS should create it',
    ],
    [
      'a quota without a number',
      dev,
      { answers: { 'servicequotas:GetServiceQuota': () => ({ Quota: {} }) } },
      'quota of VPCs: AWS named no number',
    ],
    [
      'a secret with an alias of a key',
      endpoints,
      { answers: { 'secretsmanager:DescribeSecret': () => ({ KmsKeyId: 'alias/team' }) } },
      'existing secret: it is encrypted with alias/team',
    ],
    [
      'an agent that the stage asks for before Runtime Monitoring is enabled',
      withAgent(dev, 'true'),
      { answers: agent(false) },
      'GuardDuty: Runtime Monitoring is not enabled, so tasks start without its agent',
      'deploy, enable RUNTIME_MONITORING in GuardDuty, then run `aws ecs update-service --force-new-deployment`',
    ],
    [
      'an agent that the stage asks for without GuardDuty',
      withAgent(dev, 'true'),
      { answers: { 'guardduty:ListDetectors': () => ({ detectorIds: [] }) } },
      'GuardDuty: Runtime Monitoring is not enabled',
    ],
  ];
  test.each(untold)('is the verdict for %s', async (_, stage, circumstances, line, fix = '') => {
    const { findings } = await runIn(asScope(stage), circumstances, line.split(':')[0]);
    const lines = findings.flatMap(({ verdict, check, detail, fix }) =>
      verdict === 'could not tell' ? [`${check}: ${detail}. Fix: ${fix}`] : [],
    );
    expect(lines.join('\n')).toContain(line);
    expect(lines.join('\n')).toContain(fix);
    expect(findings.filter(({ verdict }) => verdict === 'will fail')).toEqual([]);
  });
});

describe('a passing detail', () => {
  test.each<Case>([
    [
      'the agent of GuardDuty that the stage asks for',
      withAgent(dev, 'true'),
      { answers: agent(true) },
      'GuardDuty: its agent starts with the next deployment of the service',
    ],
    [
      'the agent of GuardDuty that only the tag of the cluster asks for',
      withAgent(dev, 'true'),
      { answers: agent(true, false) },
      'GuardDuty: its agent starts with the next deployment of the service',
    ],
    [
      'Runtime Monitoring of tagged clusters only, of which the stage is none',
      withAgent(dev),
      { answers: agent(true, false) },
      'GuardDuty: it adds no agent to tasks',
    ],
    [
      'the agent of GuardDuty that the cluster is excluded from',
      withAgent(dev, 'false'),
      { answers: agent(true) },
      'GuardDuty: the cluster is excluded from Runtime Monitoring',
    ],
    [
      'the networks in which a private zone resolves',
      combinations.internal,
      {},
      'private zone: example.com resolves in vpc-office, and in networks whose DNS asks one of these VPCs',
    ],
    [
      'the certificate under a wildcard',
      vpc,
      {},
      'certificate: issued for mcp.example.com, valid until 2100-01-01',
    ],
    [
      'a CAA record that allows Amazon',
      dev,
      { dns: { 'CAA example.com': ['issue amazon.com'] } },
      'certificate: no CAA record keeps ACM',
    ],
    [
      "AWS's default where the account has no quota",
      prod,
      {
        answers: {
          'servicequotas:GetServiceQuota': () => new Refusal('NoSuchResourceException'),
          'servicequotas:GetAWSDefaultServiceQuota': () => ({ Quota: { Value: 77 } }),
        },
      },
      'quota of Elastic IP addresses: 1 of 77 are in use',
    ],
    [
      'GuardDuty that is off',
      dev,
      { answers: { 'guardduty:ListDetectors': () => ({ detectorIds: [] }) } },
      'GuardDuty: it adds no agent to tasks',
    ],
    [
      'a throttled call, which the SDK repeats',
      dev,
      { answers: { 'ssm:GetParameter': throttledOnce() } },
      'CDK bootstrap: version 25',
    ],
  ])('is %s', async (_, stage, circumstances, line) => {
    const { findings } = await runIn(asScope(stage), circumstances, line.split(':')[0]);
    const lines = findings.flatMap(({ verdict, check, detail }) =>
      verdict === 'ok' ? [`${check}: ${detail}`] : [],
    );
    expect(lines.join('\n')).toContain(line);
  });
});

function throttledOnce() {
  let times = 0;
  return () => (times++ === 0 ? new Refusal('ThrottlingException') : { Parameter: { Value: '25' } });
}
