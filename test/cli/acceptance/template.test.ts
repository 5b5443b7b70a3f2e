import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import type { StageNames } from '../../../cli/acceptance/check.ts';
import { secretIdOf } from '../../../cli/acceptance/client-token.ts';
import { policyOf } from '../../../cli/acceptance/policy.ts';
import { MAX_CLIENTS } from '../../../infra/lib/client-options.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { combinations } from '../../infra/combinations.ts';
import { all, resources, template } from '../../infra/templates.ts';
import { physicalNames } from './support/physical-names.ts';

const stageOf = (config: StageConfig, stackName = 'Mcp-test'): StageNames => ({
  ...{ name: stackName.replace('Mcp-', ''), stackName, partition: 'aws', region: config.region, config },
});
/** As long as the name of a stack may be. */
const LONG_NAME = `Mcp-${'long-'.repeat(11)}stage`;
const configs: readonly (readonly [name: string, config: StageConfig])[] = Object.entries(combinations);

/** Characters of a managed policy, without white space (IAM's quota). */
const MAX_POLICY = 6144;
/** IAM's prefix of a type's actions, where it is not the type's own. */
const PREFIXES: Readonly<Record<string, string>> = {
  applicationautoscaling: 'application-autoscaling',
  certificatemanager: 'acm',
  elasticloadbalancingv2: 'elasticloadbalancing',
  kinesisfirehose: 'firehose',
};

/** The actions of the checks on resources of the stack, each with the resource's ARN. */
function used(of: Template, { region }: StageConfig, stackName: string): [action: string, arn: string][] {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:123456789012:${rest}`;
  const names = (type: string, path = '') =>
    [...physicalNames(of, type, stackName)].flatMap(([id, name]) => (id.startsWith(path) ? [name] : []));
  const [cluster] = names('AWS::ECS::Cluster');
  const [service] = names('AWS::ECS::Service');
  const functions = ['AuditCheckFunction', 'ClientTokensFunction'].flatMap((path) =>
    names('AWS::Lambda::Function', path),
  );
  const tokens = names('AWS::SecretsManager::Secret').filter((name) => name.endsWith('/token'));
  return [
    ['cloudformation:DescribeStacks', arn('cloudformation', `stack/${stackName}/1b2c3d4e`)],
    ['cloudformation:DetectStackDrift', arn('cloudformation', `stack/${stackName}/1b2c3d4e`)],
    ['ecs:DescribeServices', arn('ecs', `service/${cluster}/${service}`)],
    ['ecs:DescribeTasks', arn('ecs', `task/${cluster}/0123456789abcdef`)],
    ...functions.map((name): [string, string] => [
      'lambda:InvokeFunction',
      arn('lambda', `function:${name}`),
    ]),
    ...tokens.map((name): [string, string] => [
      'secretsmanager:RotateSecret',
      arn('secretsmanager', `secret:${name}-AbCdEf`),
    ]),
    ...names('AWS::Logs::LogGroup', 'DnsFirewallLogGroup').map((name): [string, string] => [
      'logs:FilterLogEvents',
      arn('logs', `log-group:${name}:*`),
    ]),
    ...names('AWS::CloudWatch::Alarm').map((name): [string, string] => [
      'cloudwatch:SetAlarmState',
      arn('cloudwatch', `alarm:${name}`),
    ]),
  ];
}

/** Whether a resource of a policy means this ARN. */
function matches(pattern: string, arn: string): boolean {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(arn);
}

describe.each(configs)('in the template of %s', (_name, config) => {
  const of = template(config);

  test('the checks find what they look for, by type and the start of the logical id', () => {
    const starting = (type: string, path = '') =>
      Object.keys(resources(of, type)).filter((id) => id.startsWith(path));
    for (const type of ['Cluster', 'Service', 'TaskDefinition']) {
      expect(starting(`AWS::ECS::${type}`)).toHaveLength(1);
    }
    expect(starting('AWS::Lambda::Function', 'AuditCheckFunction')).toHaveLength(1);
    const logged = starting('AWS::Route53Resolver::ResolverQueryLoggingConfig');
    expect(starting('AWS::Logs::LogGroup', 'DnsFirewallLogGroup')).toHaveLength(logged.length);
    const healthy = all(of, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    expect(healthy.filter(({ MetricName }) => MetricName === 'HealthyHostCount')).toEqual([
      expect.objectContaining({ Statistic: 'Minimum', Period: 60 }),
    ]);
    expect(of.toJSON()['Outputs'].Url.Value).toMatch(/^https:/);
  });

  test('the secrets of clients have the names by which their tokens are read', () => {
    const names = all(of, 'AWS::SecretsManager::Secret').map(({ Properties }) => Properties.Name);
    const stage = stageOf(config);
    const expected = (config.secrets?.clients ?? []).map((client) => secretIdOf(stage, client));
    expect(names.filter((name) => name?.endsWith('/token')).sort()).toEqual(expected.sort());
  });

  test.each(['Mcp-test', LONG_NAME])('the policy covers the resources of the stack %s', (stackName) => {
    const { Statement } = policyOf(stageOf(config, stackName));
    const denied = used(of, config, stackName).filter(
      ([action, arn]) =>
        !Statement.some(
          ({ Action, Resource }) =>
            Action.includes(action) && Resource.some((pattern) => matches(pattern, arn)),
        ),
    );
    expect(denied).toEqual([]);
  });

  test('each kind of resource can be read with the policy, which detects drift', () => {
    const { Statement } = policyOf(stageOf(config));
    const reads = Statement.find(({ Sid }) => Sid === 'ReadResourcesForDrift')?.Action ?? [];
    const types = Object.values<{ Type: string }>(of.toJSON()['Resources']).map(({ Type }) => Type);
    const services = types
      // Those of CloudFormation and of the CDK are nothing that could be read.
      .filter((type) => /^AWS::(?!CloudFormation|CDK)/.test(type))
      .map((type) => type.split('::')[1]?.toLowerCase() ?? '')
      .map((service) => PREFIXES[service] ?? service);
    const missing = services.filter((service) => !reads.some((action) => action.startsWith(`${service}:`)));
    expect([...new Set(missing)]).toEqual([]);
    const granted = Statement.flatMap(({ Action }) => Action);
    expect(granted).toContain('cloudformation:BatchDescribeTypeConfigurations');
  });

  test('the policy fits into a managed policy of IAM, and changes nothing but what the run says', () => {
    const { Statement } = policyOf(stageOf(config));
    expect(JSON.stringify({ Version: '2012-10-17', Statement }).length).toBeLessThanOrEqual(MAX_POLICY);
    const writes = Statement.flatMap(({ Action }) => Action).filter(
      (action) => !/:(Get|List|Describe|View|BatchGet|BatchDescribe|Filter|Detect)/.test(action),
    );
    expect(new Set(writes)).toEqual(
      new Set([
        'secretsmanager:RotateSecret',
        'lambda:InvokeFunction',
        'cloudwatch:SetAlarmState',
        ...(writes.includes('sts:AssumeRole') ? ['sts:AssumeRole'] : []),
      ]),
    );
    const contents = /^(secretsmanager:GetSecretValue|s3:GetObject|kms:Decrypt|logs:GetLogEvents|\*)$|:\*$/;
    expect(Statement.flatMap(({ Action }) => Action).filter((action) => contents.test(action))).toEqual([]);
  });
});

test('the policy fits with as many clients as there may be, each with a long name of its role', () => {
  const clients = Array.from({ length: MAX_CLIENTS }, (_, index) => ({
    ...{ clientId: `client-${index}`, scopes: ['scrape'] },
    principalArn: `arn:aws:iam::123456789012:role/${String(index).padEnd(64, 'r')}`,
  }));
  const policy = policyOf(stageOf({ ...combinations.dev, secrets: { clients } }));
  expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MAX_POLICY);
});
