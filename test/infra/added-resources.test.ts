import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../infra/rules/hardened.ts';
import { stages } from './stages.ts';
import { template } from './templates.ts';

const prod = JSON.stringify(template(stages.prod).toJSON());

/** The findings of the rules in production with one more resource. */
function findingsWith(type: string, properties: object): string[] {
  const json = JSON.parse(prod);
  json.Resources.Added = { Type: type, Properties: properties };
  return findingsOf(json, { production: true }).map(({ rule }) => rule.id);
}

const policy = (statement: object) => ({
  SecretId: 'theirs',
  ResourcePolicy: { Statement: [{ Action: 'secretsmanager:GetSecretValue', Resource: '*', ...statement }] },
});
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const open = policy({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999999999999:root' } });
const grant = (Resource: unknown) => ({
  PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'secretsmanager:*', Resource }] },
});
const NAME = 'Mcp-test/clients/ci/token';
/** References to resources of production, by the beginnings of their logical ids. */
const refTo = (start: string) => ({
  Ref: Object.keys(JSON.parse(prod).Resources).find((id) => id.startsWith(start)),
});
const [ciToken, task, pages, logs] = [
  'ClientTokensClientsci',
  'TaskTaskRole',
  'MonitoringPageTopic',
  'AccessLogs',
].map(refTo);

describe('a resource that a fork adds', () => {
  test.each<[string, string, string, object]>([
    ['FunctionsNotPublic', 'a URL of a function', 'AWS::Lambda::Url', { AuthType: 'NONE' }],
    ['FunctionsNotPublic', 'a public permission', 'AWS::Lambda::Permission', { Principal: '*' }],
    ['SecretsNotShared', 'a public secret', SECRET_POLICY, policy({ Effect: 'Allow', Principal: '*' })],
    [
      'SecretsNotShared',
      'the same in long',
      SECRET_POLICY,
      policy({ Effect: 'Allow', Principal: { AWS: ['*'] } }),
    ],
    [
      'StoreEncrypted',
      'a Redis of nodes',
      'AWS::ElastiCache::ReplicationGroup',
      { TransitEncryptionEnabled: false },
    ],
    ['StoreEncrypted', 'a single Redis', 'AWS::ElastiCache::CacheCluster', { Engine: 'redis' }],
    [
      'NoSecretInFunction',
      'a function with a password',
      'AWS::Lambda::Function',
      { Environment: { Variables: { DB_PASSWORD: 'hunter2' } } },
    ],
    [
      'SubscriptionsEncrypted',
      'a subscription over plain HTTP',
      'AWS::SNS::Subscription',
      { TopicArn: pages, Protocol: 'http', Endpoint: 'http://theirs.example' },
    ],
    ['SecretsNotShared', 'a second policy of a secret', SECRET_POLICY, { ...open, SecretId: ciToken }],
    ['SecretsNotShared', 'the same by name', SECRET_POLICY, { ...open, SecretId: NAME }],
    ['NamedActions', 'a policy in a role', 'AWS::IAM::RolePolicy', { RoleName: task, ...grant('*') }],
    [
      'NamedResources',
      'a policy in a group',
      'AWS::IAM::GroupPolicy',
      { GroupName: 'theirs', ...grant('*') },
    ],
    ['NamedResources', 'a policy in a user', 'AWS::IAM::UserPolicy', { UserName: 'theirs', ...grant('*') }],
    ['NamedResources', 'a policy within a group', 'AWS::IAM::Group', { Policies: [grant('*')] }],
    [
      'NoBroadManagedPolicy',
      'a group of theirs',
      'AWS::IAM::Group',
      { ManagedPolicyArns: ['arn:aws:iam::aws:policy/X'] },
    ],
    [
      'TasksCannotReadTokens',
      'a token for tasks',
      'AWS::IAM::RolePolicy',
      { RoleName: task, ...grant(ciToken) },
    ],
    [
      'TasksCannotReadTokens',
      'the same by a text',
      'AWS::IAM::RolePolicy',
      { RoleName: { 'Fn::Sub': `\${${task?.Ref}}` }, ...grant(ciToken) },
    ],
    ['BucketsNotShared', 'an access point', 'AWS::S3::AccessPoint', { Bucket: 'theirs' }],
    [
      'BucketsTlsOnly',
      'a second policy of a bucket',
      'AWS::S3::BucketPolicy',
      { Bucket: logs, ...grant('*') },
    ],
    [
      'TopicsTlsOnly',
      'a policy within a topic',
      'AWS::SNS::TopicInlinePolicy',
      {
        TopicArn: pages,
        PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sns:*' }] },
      },
    ],
    [
      'LogsNotShared',
      'public logs',
      'AWS::Logs::ResourcePolicy',
      {
        PolicyDocument: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"logs:*","Resource":"*"}]}',
      },
    ],
    [
      'LogsNotShared',
      'logs for a service that acts for another account',
      'AWS::Logs::ResourcePolicy',
      {
        PolicyDocument:
          '{"Statement":[{"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"logs:*","Resource":"*"}]}',
      },
    ],
    [
      'LogsNotShared',
      'a copy of every log',
      'AWS::Logs::AccountPolicy',
      { PolicyType: 'SUBSCRIPTION_FILTER_POLICY' },
    ],
    [
      'LogsNotShared',
      'a copy of the audit log',
      'AWS::Logs::SubscriptionFilter',
      { DestinationArn: 'arn:aws:logs:us-east-1:999999999999:destination:x' },
    ],
    [
      'ClientTokensRotate',
      'a client’s secret',
      'AWS::SecretsManager::Secret',
      { Name: 'Mcp-test/clients/x/token' },
    ],
    [
      'TokenReadersRestricted',
      'the same, open',
      'AWS::SecretsManager::Secret',
      { Name: 'Mcp-test/clients/x/token' },
    ],
    ['NoAccessKeys', 'a user', 'AWS::IAM::User', {}],
    ['NoAccessKeys', 'an access key', 'AWS::IAM::AccessKey', { UserName: 'theirs' }],
    [
      'DnsFirewallFailClosed',
      'a DNS firewall that opens',
      'AWS::Route53Resolver::FirewallConfig',
      { FirewallFailOpen: 'ENABLED' },
    ],
    [
      'NoRuntimeOverrides',
      'a task that trusts any certificate',
      'AWS::ECS::TaskDefinition',
      { ContainerDefinitions: [{ Environment: [{ Name: 'NODE_TLS_REJECT_UNAUTHORIZED', Value: '0' }] }] },
    ],
  ])('is refused by %s: %s', (rule, _what, type, properties) => {
    expect(findingsWith(type, properties)).toEqual(expect.arrayContaining([rule]));
  });

  test('is allowed if it denies, or names a role of the stack', () => {
    expect(findingsWith(SECRET_POLICY, policy({ Effect: 'Deny', Principal: '*' }))).toEqual([]);
    const role = { AWS: { 'Fn::GetAtt': ['TaskTaskRole', 'Arn'] } };
    expect(findingsWith(SECRET_POLICY, policy({ Effect: 'Allow', Principal: role }))).toEqual([]);
  });

  test.each([
    ['Transform', 'NoDeployTimeLogic', { Transform: ['Theirs'] }],
    ['output', 'NoSecretResolved', { Outputs: { X: { Value: '{{resolve:secretsmanager:theirs}}' } } }],
  ])('or a part beside them that the rules cannot trust is refused: %s', (_part, rule, part) => {
    const json = { ...JSON.parse(prod), ...part };
    expect(findingsOf(json, { production: true }).map((finding) => finding.rule.id)).toEqual([rule]);
  });

  test.each(['EntryPoint', 'Command'])(
    'and a container of the task keeps the image’s command: no %s',
    (member) => {
      const json = JSON.parse(prod);
      const task = Object.values<{ Type: string; Properties: Record<string, never> }>(json.Resources).find(
        ({ Type }) => Type === 'AWS::ECS::TaskDefinition',
      );
      const [container] = (task?.Properties['ContainerDefinitions'] ?? []) as Record<string, unknown>[];
      Object.assign(container ?? {}, { [member]: ['/nodejs/bin/node', '/app/main.cjs'] });
      expect(findingsOf(json, { production: true }).map(({ rule }) => rule.id)).toEqual(['ImageCommand']);
    },
  );
});
