import { describe, expect, test } from '@jest/globals';
import { neighbours } from './forks.ts';
import type { Mutant } from './mutants.ts';
import { mutate } from './mutate.ts';
import { template } from './templates.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
type Json = any;

/** Properties that name a resource for all of an account and region, or for the world. */
const NAMES = /^(?:\w*Name|\w*Alias|UserId|UserGroupId|Budget\.BudgetName)$/;

/** Names that two stacks may both use, because each is within a resource that belongs to one stack, or names something else. */
const ELSEWHERE: readonly (readonly [property: string, because: string])[] = [
  ['AWS::CertificateManager::Certificate DomainName', 'a name may have any number of certificates'],
  ['AWS::CloudWatch::Alarm MetricName', 'compared with its namespace and dimensions below'],
  ['AWS::EC2::VPCEndpoint ServiceName', "the service's name, and the endpoint is within its VPC"],
  ['AWS::ElastiCache::User UserName', 'a name within a user group; UserId is unique'],
  ['AWS::Logs::LogStream LogStreamName', 'within its log group'],
  ['AWS::Logs::SubscriptionFilter FilterName', 'within its log group'],
];

/** The text of a value in a stack, or undefined if it has a reference to a resource or the stack's id, which no other stack has. */
function textOf(value: Json, stackName: string): string | undefined {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value.Ref === 'AWS::StackName') return stackName;
  if (value.Ref !== undefined) return /^AWS::(?!StackId)/.test(value.Ref) ? `(${value.Ref})` : undefined;
  const parts = Array.isArray(value) ? value : value['Fn::Join']?.[1];
  if (parts === undefined) return undefined;
  const texts = parts.map((part: Json) => textOf(part, stackName));
  return texts.includes(undefined) ? undefined : texts.join('');
}

interface Named {
  readonly property: string;
  readonly name: string;
}

/** The names that a template gives, each with its type and property, without those that AWS makes up. */
function namesIn(json: Json, stackName: string): Named[] {
  const resources = Object.values<Json>(json.Resources).flatMap(({ Type, Properties = {} }) => {
    const budget = Properties.Budget && [['Budget.BudgetName', Properties.Budget.BudgetName]];
    return [...Object.entries(Properties), ...(budget ?? [])]
      .filter(([key]) => NAMES.test(key))
      .map(([key, value]) => ({ property: `${Type} ${key}`, name: textOf(value, stackName) }));
  });
  const exported = Object.values<Json>(json.Outputs).flatMap(({ Export }) =>
    Export === undefined ? [] : [{ property: 'Export Name', name: textOf(Export.Name, stackName) }],
  );
  return [...resources, ...exported].flatMap(({ property, name }) =>
    name === undefined ? [] : [{ property, name }],
  );
}

/** Metrics that a template writes or watches, as namespace, name and dimensions, without those of a resource that AWS named. */
function metricsIn(json: Json, stackName: string): string[] {
  const of = (type: string) =>
    Object.values<Json>(json.Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  const watched = of('AWS::CloudWatch::Alarm').flatMap((alarm) => [
    alarm,
    ...(alarm.Metrics ?? []).map(({ MetricStat }: Json) => MetricStat?.Metric ?? {}),
  ]);
  const written = of('AWS::Logs::MetricFilter').flatMap(({ MetricTransformations }) =>
    MetricTransformations.map(({ MetricNamespace, MetricName }: Json) => ({
      Namespace: MetricNamespace,
      MetricName,
    })),
  );
  const firewall = of('AWS::WAFv2::WebACL').map(({ VisibilityConfig }) => ({
    Namespace: 'AWS/WAFV2',
    MetricName: VisibilityConfig.MetricName,
  }));
  return [...watched, ...written, ...firewall]
    .filter(({ MetricName }) => MetricName !== undefined)
    .flatMap(({ Namespace, MetricName, Dimensions = [] }) => {
      const parts = [Namespace, MetricName, ...Dimensions.flatMap(({ Name, Value }: Json) => [Name, Value])];
      return (
        textOf(
          parts.map((part, index) => [index > 0 ? ' ' : '', part]),
          stackName,
        ) ?? []
      );
    });
}

interface Stack {
  readonly stackName: string;
  readonly json: Json;
}

/** The names and metrics that more than one stack uses. */
function shared(stacks: readonly Stack[]): string[] {
  const elsewhere = ELSEWHERE.map(([property]) => property);
  const used = stacks.map(({ json, stackName }) => {
    const names = namesIn(json, stackName)
      .filter(({ property }) => !elsewhere.includes(property))
      .map(({ property, name }) => `${property} ${name}`);
    return new Set([...names, ...metricsIn(json, stackName)].map((one) => one.toLowerCase()));
  });
  const all = used.flatMap((one) => [...one]);
  return [...new Set(all.filter((name, index) => all.indexOf(name) !== index))];
}

const stacks = neighbours.map(({ stackName, config }) => ({ stackName, json: template(config).toJSON() }));

describe('two servers in one account and region, and two stages of one of them', () => {
  test('have no name of a resource, no metric and no export in common', () => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['Mcp-prod', 'Mcp-next', 'Search-prod']);
    expect(shared(stacks)).toEqual([]);
  });

  test('give names to as many kinds of resources as are compared', () => {
    const [{ json, stackName } = { json: {}, stackName: '' }] = stacks;
    const names = namesIn(json, stackName);
    const kinds = new Set(names.map(({ property }) => property));
    const compared = [...kinds].filter((kind) => !ELSEWHERE.some(([property]) => property === kind));
    expect(compared.sort()).toEqual([
      'AWS::ApplicationAutoScaling::ScalingPolicy PolicyName',
      'AWS::Budgets::Budget Budget.BudgetName',
      'AWS::CloudWatch::Alarm AlarmName',
      'AWS::CloudWatch::Dashboard DashboardName',
      'AWS::ElastiCache::ServerlessCache ServerlessCacheName',
      'AWS::ElastiCache::User UserId',
      'AWS::ElastiCache::UserGroup UserGroupId',
      'AWS::KinesisFirehose::DeliveryStream DeliveryStreamName',
      'AWS::Logs::QueryDefinition Name',
      'AWS::Route53::RecordSet Name',
      'AWS::SNS::Topic DisplayName',
      'AWS::SecretsManager::Secret Name',
      'AWS::WAFv2::WebACL Name',
    ]);
    expect(ELSEWHERE.map(([property]) => property).filter((property) => !kinds.has(property))).toEqual([]);
    expect(metricsIn(json, stackName).length).toBeGreaterThan(20);
  });

  test.each<Pick<Mutant, 'type' | 'path' | 'value' | 'like'>>([
    { type: 'AWS::SNS::Topic', path: 'Properties.TopicName', value: 'mcp-pages' },
    { type: 'AWS::KMS::Key', path: 'Properties.AliasName', value: 'alias/mcp' },
    {
      type: 'AWS::Lambda::Function',
      path: 'Properties.FunctionName',
      value: { 'Fn::Join': ['-', ['rotation', { Ref: 'AWS::Region' }]] },
    },
    {
      type: 'AWS::Logs::LogGroup',
      path: 'Properties.LogGroupName',
      value: 'aws-waf-logs-mcp',
      like: 'aws-waf-logs',
    },
    { type: 'AWS::CloudWatch::Alarm', path: 'Properties.AlarmName', value: 'TargetErrors' },
    { type: 'AWS::CloudWatch::Dashboard', path: 'Properties.DashboardName', value: 'mcp' },
    { type: 'AWS::WAFv2::WebACL', path: 'Properties.Name', value: 'mcp' },
    { type: 'AWS::WAFv2::WebACL', path: 'Properties.VisibilityConfig.MetricName', value: 'mcp' },
    {
      type: 'AWS::Logs::MetricFilter',
      path: 'Properties.MetricTransformations.0.MetricNamespace',
      value: 'HardenedMcp',
    },
    { type: 'AWS::Budgets::Budget', path: 'Properties.Budget.BudgetName', value: 'mcp' },
    { type: 'AWS::ElastiCache::User', path: 'Properties.UserId', value: 'mcp' },
    { type: 'AWS::KinesisFirehose::DeliveryStream', path: 'Properties.DeliveryStreamName', value: 'audit' },
    { type: 'AWS::SecretsManager::Secret', path: 'Properties.Name', value: 'mcp/token', like: '/clients/' },
    { type: 'AWS::Logs::QueryDefinition', path: 'Properties.Name', value: 'Who called what' },
  ])('a fixed $path of $type is found', (mutant) => {
    const weakened = stacks.map((one) => ({ ...one, json: mutate(one.json, { rule: '', ...mutant }) }));
    expect(shared(weakened)).not.toEqual([]);
  });

  test('a fixed name of an export is found', () => {
    const weakened = stacks.map(({ json, stackName }) => ({
      stackName,
      json: { ...json, Outputs: { Url: { Value: 'x', Export: { Name: 'mcp-url' } } } },
    }));
    expect(shared(weakened)).toEqual(['export name mcp-url']);
  });
});
