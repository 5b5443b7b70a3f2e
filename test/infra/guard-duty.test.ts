import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations, vpc } from './combinations.ts';
import { resolves } from './domain-lists.ts';
import { stages } from './stages.ts';
import { all, only, resources, stack, template } from './synthesize.ts';

const ACCOUNT = '593207742271';
const AGENT = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/aws-guardduty-agent-fargate`;
const withAgent: [string, StageConfig][] = [
  ['a NAT gateway', combinations.valkey],
  ['endpoints', combinations.tools],
];

const clusterTag = (config: StageConfig) => only(template(config), 'AWS::ECS::Cluster').Properties.Tags;
const pulls = (config: StageConfig) =>
  all(template(config), 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => Properties.Roles[0].Ref.startsWith('TaskExecutionRole'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    // biome-ignore lint/suspicious/noExplicitAny: a template has no types
    .filter(({ Action }: any) => Action.includes('ecr:BatchGetImage'))
    // biome-ignore lint/suspicious/noExplicitAny: a template has no types
    .flatMap(({ Resource }: any) => Resource);

describe('without guardDuty', () => {
  test('the cluster is excluded from Runtime Monitoring, whose agent could reach nothing', () => {
    expect(clusterTag(stages.prod)).toEqual([{ Key: 'GuardDutyManaged', Value: 'false' }]);
    expect(resolves(template(stages.prod), 'guardduty-data.us-east-1.amazonaws.com')).toBe(false);
    expect(pulls(stages.prod)).toHaveLength(1);
  });
});

describe.each(withAgent)('with guardDuty and %s', (_name, config) => {
  const found = template(config);

  test('the cluster is included', () => {
    expect(clusterTag(config)).toContainEqual({ Key: 'GuardDutyManaged', Value: 'true' });
  });

  test.each([
    'guardduty-data.us-east-1.amazonaws.com',
    `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`,
    'api.ecr.us-east-1.amazonaws.com',
    'prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com',
  ])('%s resolves', (name) => {
    expect(resolves(found, name)).toBe(true);
  });

  test('ECS may pull the agent', () => {
    expect(pulls(config)).toContain(AGENT);
  });

  test('the endpoint is of this stack, so that GuardDuty makes none that would keep the VPC from being deleted', () => {
    const [id = '', endpoint] =
      Object.entries(resources(found, 'AWS::EC2::VPCEndpoint')).find(([, { Properties }]) =>
        JSON.stringify(Properties.ServiceName).includes('guardduty-data'),
      ) ?? [];
    expect(endpoint?.Properties).toMatchObject({ VpcEndpointType: 'Interface', PrivateDnsEnabled: true });
    expect(endpoint?.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
    const [{ 'Fn::GetAtt': [group] = [''] }] = Object(endpoint?.Properties).SecurityGroupIds;
    const tasks = { 'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'] };
    expect(
      all(found, 'AWS::EC2::SecurityGroupIngress').filter(
        ({ Properties }) => Properties.GroupId['Fn::GetAtt'][0] === group,
      ),
    ).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({ FromPort: 443, ToPort: 443, SourceSecurityGroupId: tasks }),
      }),
    ]);
    // The first tasks have an agent, too.
    expect(only(found, 'AWS::ECS::Service').DependsOn).toContain(id);
  });
});

test('without an internet route the ECR endpoints let the agent through, and no other account', () => {
  const policies = (config: StageConfig) =>
    all(template(config), 'AWS::EC2::VPCEndpoint')
      .filter(({ Properties }) => JSON.stringify(Properties.ServiceName).includes('.ecr.'))
      .map(({ Properties }) => JSON.stringify(Properties.PolicyDocument.Statement[0].Condition));
  expect(policies(combinations.tools)).toHaveLength(2);
  for (const policy of policies(combinations.tools)) expect(policy).toContain(ACCOUNT);
  for (const policy of policies(combinations.endpoints)) expect(policy).not.toContain(ACCOUNT);
});

test('in a VPC that exists its owner has the endpoint; the right to pull is still granted', () => {
  const config = { ...combinations.vpc, guardDuty: {} };
  template(config).resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  expect(pulls(config)).toEqual([AGENT]);
  expect(JSON.stringify(template(config).toJSON())).toContain('ecr:GetAuthorizationToken');
  expect(config.network.vpc).toBe(vpc);
});

test('a region that AWS has added needs the account', () => {
  const config: StageConfig = { ...stages.dev, region: 'cn-north-1', guardDuty: {} };
  expect(() => stack(config)).toThrow('guardDuty.agentAccount must be given in cn-north-1');
  expect(pulls({ ...config, guardDuty: { agentAccount: '111122223333' } })).toContain(
    'arn:aws-cn:ecr:cn-north-1:111122223333:repository/aws-guardduty-agent-fargate',
  );
  expect(() => stack({ ...stages.dev, guardDuty: { agentAccount: 'guardduty' } })).toThrow(
    'guardDuty.agentAccount must be the id of an AWS account, 12 digits, got "guardduty"',
  );
});
