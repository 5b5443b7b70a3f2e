import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import type { StageConfig } from '../../infra/stage-config.ts';
import {
  apiKeySecretArn,
  combinations,
  ecrImage,
  endpointSecurityGroupId,
  s3PrefixListId,
  vpc,
} from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, stack, stageNames, template } from './synthesize.ts';
import { variants } from './variants.ts';

/** Whatever a task starts with is of this account. */
const withoutOthers: StageConfig = { ...stages.prod, network: { egress: 'endpoints', s3PrefixListId } };

function withNetwork(network: object) {
  return () => stack({ ...stages.dev, network });
}

describe('network', () => {
  test.each(stageNames)(
    '%s has two public and two task subnets, and none gives out public addresses',
    (name) => {
      const subnets = all(template(stages[name]), 'AWS::EC2::Subnet');
      expect(subnets).toHaveLength(4);
      expect(new Set(subnets.map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone))).size).toBe(
        2,
      );
      for (const { Properties } of subnets) expect(Properties.MapPublicIpOnLaunch).toBe(false);
    },
  );

  test('the zones are the first two of the account, or those of the configuration in their order', () => {
    const zonesOf = (config: StageConfig) =>
      all(template(config), 'AWS::EC2::Subnet').map(({ Properties }) => Properties.AvailabilityZone);
    const first = { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] };
    expect(zonesOf(stages.dev)).toContainEqual(first);
    expect(zonesOf(variants.zones)).toEqual(['us-east-1d', 'us-east-1b', 'us-east-1d', 'us-east-1b']);
  });

  test('dev pays for one NAT gateway, prod keeps one for each zone', () => {
    template(stages.dev).resourceCountIs('AWS::EC2::NatGateway', 1);
    template(stages.prod).resourceCountIs('AWS::EC2::NatGateway', 2);
  });

  test.each(stageNames)('all traffic of %s is in an encrypted flow log that stays', (name) => {
    const found = template(stages[name]);
    found.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogGroupName: { Ref: Match.stringLikeRegexp('FlowLogGroup') },
    });
    found.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        RetentionInDays: 365,
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
        LogGroupName: Match.absent(),
        DeletionProtectionEnabled: Match.absent(),
      },
    });
  });

  test.each(stageNames)('the default security group of %s is closed', (name) => {
    only(template(stages[name]), 'Custom::VpcRestrictDefaultSG');
  });

  test('every log group is encrypted with the log key, and the key serves log groups of this account only', () => {
    const found = template(stages.prod);
    const groups = all(found, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(6);
    for (const { Properties } of groups) expect(Properties.KmsKeyId['Fn::GetAtt'][0]).toMatch(/^LogKey/);
    const key = all(found, 'AWS::KMS::Key').find(({ Properties }) =>
      /log groups/.test(Properties.Description),
    );
    expect(key?.DeletionPolicy).toBe('Retain');
    expect(key?.Properties.KeyPolicy.Statement[1]).toMatchObject({
      Principal: { Service: 'logs.us-east-1.amazonaws.com' },
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': {
            'Fn::Join': ['', ['arn:aws:logs:us-east-1:', { Ref: 'AWS::AccountId' }, ':log-group:*']],
          },
        },
      },
    });
  });

  describe('with egress endpoints', () => {
    const found = template(combinations.endpoints);

    test('tasks have no route to the internet', () => {
      found.resourceCountIs('AWS::EC2::NatGateway', 0);
      const routes = all(found, 'AWS::EC2::Route').map(
        ({ Properties }) => Properties.RouteTableId.Ref as string,
      );
      expect(routes).toHaveLength(2);
      for (const table of routes) expect(table).toMatch(/PublicSubnet/);
    });

    test('AWS services are reached by private names, from the tasks only', () => {
      const interfaces = all(found, 'AWS::EC2::VPCEndpoint').filter(
        ({ Properties }) => Properties.VpcEndpointType === 'Interface',
      );
      expect(interfaces.map(({ Properties }) => JSON.stringify(Properties.ServiceName)).sort()).toEqual(
        ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'].map((name) =>
          JSON.stringify(`com.amazonaws.us-east-1.${name}`),
        ),
      );
      for (const { Properties } of interfaces) expect(Properties.PrivateDnsEnabled).toBe(true);
      const ingress = all(found, 'AWS::EC2::SecurityGroupIngress').filter(({ Properties }) =>
        /Endpoint/.test(Properties.GroupId['Fn::GetAtt'][0]),
      );
      expect(ingress.map(({ Properties }) => Properties)).toEqual([
        expect.objectContaining({
          FromPort: 443,
          ToPort: 443,
          SourceSecurityGroupId: {
            'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'],
          },
        }),
      ]);
    });

    test('the services a fork names get an endpoint as well, with private DNS or a gateway', () => {
      const endpoints = all(template(variants.toolEndpoints), 'AWS::EC2::VPCEndpoint').map(
        ({ Properties: { ServiceName, PrivateDnsEnabled, VpcEndpointType, RouteTableIds } }) => ({
          name: /[^.]\.([a-z0-9.-]+)"?\]*\}?$/.exec(
            JSON.stringify(ServiceName).replace('com.amazonaws', ''),
          )?.[1],
          works: VpcEndpointType === 'Gateway' ? RouteTableIds.length === 2 : PrivateDnsEnabled,
        }),
      );
      expect(endpoints.filter(({ works }) => !works)).toEqual([]);
      expect(endpoints).toHaveLength(4 + 9 + 2);
    });

    test('DynamoDB is reached by its gateway, and only tables of ours', () => {
      const of = template(variants.toolEndpoints);
      expect(statements(of, 'dynamodb')).toEqual([
        {
          ...anyPrincipal,
          Action: 'dynamodb:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
        },
      ]);
      of.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
        DestinationPrefixListId: 'pl-0456abcd',
        FromPort: 443,
        ToPort: 443,
      });
    });

    /** Statements of an endpoint's policy, by the last part of its service's name. */
    const statements = (of: ReturnType<typeof template>, service: string) => {
      const endpoint = all(of, 'AWS::EC2::VPCEndpoint').find(({ Properties }) =>
        JSON.stringify(Properties.ServiceName).includes(`.${service}"`),
      );
      return endpoint?.Properties.PolicyDocument.Statement as Record<string, unknown>[];
    };
    const account = { Ref: 'AWS::AccountId' };
    const anyPrincipal = { Effect: 'Allow', Principal: { AWS: '*' } };
    const layers = {
      ...anyPrincipal,
      Action: 's3:GetObject',
      Resource: {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::prod-us-east-1-starport-layer-bucket/*']],
      },
    };

    test.each([
      ['ecr.api', ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']],
      ['ecr.dkr', ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']],
      ['logs', ['logs:CreateLogStream', 'logs:PutLogEvents']],
      ['secretsmanager', ['secretsmanager:GetSecretValue']],
    ])(
      '%s lets our identities do to our resources what a task does there, nothing else',
      (service, actions) => {
        const [first, ...others] = statements(template(withoutOthers), service);
        expect({ ...first, Action: [first?.['Action']].flat().sort() }).toEqual({
          ...anyPrincipal,
          Action: actions,
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': [account] } },
        });
        const token = {
          ...anyPrincipal,
          Action: 'ecr:GetAuthorizationToken',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
        };
        expect(others).toEqual(service.startsWith('ecr.') ? [token] : []);
      },
    );

    test('resources of another account are allowed where they are needed: its image, its API key', () => {
      const foreign = template({
        ...combinations.endpoints,
        image: { imageUri: ecrImage.replace('123456789012', '999999999999') },
        secrets: { apiKeySecretArn: apiKeySecretArn.replace('123456789012', '888888888888') },
        guardDuty: { agentAccount: '777777777777' },
      });
      const images = [account, '999999999999', '777777777777'];
      for (const [service, owners] of [
        ['ecr.api', images],
        ['ecr.dkr', images],
        ['secretsmanager', [account, '888888888888']],
        ['logs', [account]],
      ] as const) {
        expect([service, statements(foreign, service)[0]?.['Condition']]).toEqual([
          service,
          { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': owners } },
        ]);
      }
      expect(statements(foreign, 's3')).toEqual([layers]);
    });

    test('S3 is reached for image layers only, or for buckets of ours if tools use them', () => {
      expect(statements(found, 's3')).toEqual([layers]);
      expect(statements(template(combinations.tools), 's3')).toEqual([
        layers,
        {
          ...anyPrincipal,
          Action: 's3:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
        },
      ]);
    });

    test('for tools one side must be ours; a service that is there anyway gets no second endpoint', () => {
      const of = template(combinations.tools);
      const forTools = ['aws:PrincipalAccount', 'aws:ResourceAccount'].map((key) => ({
        ...anyPrincipal,
        Action: '*',
        Resource: '*',
        Condition: { StringEquals: { [key]: account } },
      }));
      expect(statements(of, 'sqs')).toEqual(forTools);
      expect(statements(of, 'logs').slice(1)).toEqual(forTools);
      // The four of every stage, S3, SQS, and that of GuardDuty.
      of.resourceCountIs('AWS::EC2::VPCEndpoint', 7);
    });

    test.each(Object.entries<StageConfig>(combinations))(
      'no endpoint of %s is without a policy',
      (_name, config) => {
        for (const { Properties } of all(template(config), 'AWS::EC2::VPCEndpoint')) {
          for (const { Principal, Condition, Resource } of Properties.PolicyDocument.Statement) {
            expect(Principal).toEqual({ AWS: '*' });
            expect(Condition === undefined).toBe(/starport-layer-bucket/.test(JSON.stringify(Resource)));
          }
        }
      },
    );
  });

  describe('with a VPC that exists', () => {
    test('nothing of the network is made, tasks and load balancer use the given subnets', () => {
      const found = template(combinations.vpc);
      for (const type of ['VPC', 'Subnet', 'NatGateway', 'InternetGateway', 'FlowLog', 'VPCEndpoint']) {
        found.resourceCountIs(`AWS::EC2::${type}`, 0);
      }
      found.hasResourceProperties('AWS::ECS::Service', {
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: vpc.privateSubnetIds } },
      });
      found.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
        Subnets: vpc.publicSubnetIds,
      });
    });

    test('its interface endpoints let the tasks in', () => {
      template(combinations.vpcEndpoints).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        GroupId: endpointSecurityGroupId,
        FromPort: 443,
      });
    });
  });

  test.each([
    [{ egress: 'open' }, 'egress must be one of nat, endpoints, got "open"'],
    [{ natGateways: 0 }, 'natGateways must be a whole number from 1 to 2, got 0'],
    [{ cidr: '10.0.0.0/8' }, 'network.cidr must be an IPv4 range from /16 to /24 without host bits'],
    [{ cidr: '10.0.1.0/16' }, 'network.cidr must be'],
    [{ endpoints: ['sqs'] }, 'network.endpoints must be left out unless egress is endpoints, in a new VPC'],
    [
      { otherEndpoints: [{ service: 'iot.data', hosts: ['a.example.com'] }] },
      'network.otherEndpoints must be left out unless egress is endpoints, in a new VPC',
    ],
    [
      { egress: 'endpoints', s3PrefixListId, endpoints: ['kinesis'] },
      'network.endpoints must be one of the services in docs/configuration.md (did you mean kinesis-streams?); network.otherEndpoints takes others, got "kinesis"',
    ],
    [{ egress: 'endpoints', s3PrefixListId, endpoints: ['sqss'] }, '(did you mean sqs?)'],
    [
      { egress: 'endpoints', s3PrefixListId, endpoints: ['dynamodb-streams'] },
      'network.endpoints must be one of the services in docs/configuration.md, which has no private DNS: set network.egress to nat, got "dynamodb-streams"',
    ],
    [
      {
        egress: 'endpoints',
        s3PrefixListId,
        otherEndpoints: [{ service: 'dynamodb-streams', hosts: ['a.example.com'] }],
      },
      'network.otherEndpoints[0].service must be the name of a service that has private DNS and is not one of network.endpoints, got "dynamodb-streams"',
    ],
    [
      { egress: 'endpoints', s3PrefixListId, otherEndpoints: [{ service: 'sqs', hosts: ['a.example.com'] }] },
      'network.otherEndpoints[0].service must be the name of a service',
    ],
    [
      { egress: 'endpoints', s3PrefixListId, otherEndpoints: [{ service: 'iot.data', hosts: [] }] },
      'network.otherEndpoints[0].hosts must be a list of 1 to 10, got 0',
    ],
    [
      { egress: 'endpoints', s3PrefixListId, endpoints: ['dynamodb'] },
      "network.dynamodbPrefixListId must be given with egress endpoints and DynamoDB: the region's DynamoDB prefix list (pl-…)",
    ],
    [
      { vpc: { ...vpc, availabilityZones: ['us-east-1a', 'eu-central-1a'] } },
      'network.vpc.availabilityZones must be zones of the stage\'s region, us-east-1, got "eu-central-1a"',
    ],
    [{ zones: ['us-east-1a'] }, 'network.zones must be a list of 2, got 1'],
    [
      { zones: ['us-east-1a', 'us-east-1a'] },
      'network.zones must name two different zones, got us-east-1a twice',
    ],
    [
      { zones: ['use1-az1', 'us-east-1a'] },
      'network.zones must be the name of an availability zone such as us-east-1a',
    ],
    [
      { zones: ['us-east-1a', 'us-east-1-bos-1a'] },
      'network.zones must be the name of an availability zone such as us-east-1a, got "us-east-1-bos-1a"',
    ],
    [
      { zones: ['us-east-1a', 'us-east-2a'] },
      'network.zones must be zones of the stage\'s region, us-east-1, got "us-east-2a"',
    ],
    [{ zones: ['us-east-1a', 'us-east-1b'], vpc }, 'network.zones must be left out with network.vpc'],
    [{ flowLogRetentionDays: 42 }, 'flowLogRetentionDays must be a value CloudWatch Logs accepts'],
    [{ egress: 'endpoints' }, 's3PrefixListId must be given with egress endpoints'],
    [{ vpc: { ...vpc, vpcId: 'default' } }, 'vpc.vpcId must be the id of a VPC (vpc-…), got "default"'],
    [
      { vpc: { ...vpc, privateSubnetIds: ['subnet-0000000000000000a'] } },
      'vpc.privateSubnetIds must name one subnet for each of at least two zones, got 1 for 2',
    ],
    [
      { vpc: { ...vpc, publicSubnetIds: ['subnet-0000000000000000a', 'b'] } },
      'vpc.publicSubnetIds must be the id of a subnet (subnet-…), got "b"',
    ],
    [
      { vpc, egress: 'endpoints', s3PrefixListId: s3PrefixListId },
      'vpc.endpointSecurityGroupId must be given with egress endpoints: the security group',
    ],
  ])('fails on %j', (network, message) => {
    expect(withNetwork(network)).toThrow(message);
  });
});
