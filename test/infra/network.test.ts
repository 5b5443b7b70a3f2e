import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { combinations, endpointSecurityGroupId, s3PrefixListId, vpc } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, stack, stageNames, template } from './synthesize.ts';

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
        RetentionInDays: 90,
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
    expect(groups).toHaveLength(4);
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

    test('the services a fork names get an endpoint as well', () => {
      const network = { egress: 'endpoints', s3PrefixListId, endpoints: ['sqs', 'bedrock-runtime'] } as const;
      const names = all(template({ ...combinations.endpoints, network }), 'AWS::EC2::VPCEndpoint').map(
        ({ Properties }) => Properties.ServiceName,
      );
      expect(names).toEqual(
        expect.arrayContaining(['com.amazonaws.us-east-1.sqs', 'com.amazonaws.us-east-1.bedrock-runtime']),
      );
      expect(names).toHaveLength(7);
    });

    test('S3 is reached for image layers only', () => {
      found.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Gateway',
        PolicyDocument: {
          Statement: [
            {
              Action: 's3:GetObject',
              Resource: Match.objectLike({
                'Fn::Join': [
                  '',
                  Match.arrayWith([Match.stringLikeRegexp('prod-us-east-1-starport-layer-bucket/\\*')]),
                ],
              }),
            },
          ],
        },
      });
    });
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
      { vpc: { ...vpc, availabilityZones: ['us-east-1a', 'eu-central-1a'] } },
      'network.vpc.availabilityZones must be zones of the stage\'s region, us-east-1, got "eu-central-1a"',
    ],
    [{ flowLogRetentionDays: 42 }, 'flowLogRetentionDays must be a value CloudWatch Logs accepts'],
    [
      { egress: 'endpoints' },
      "s3PrefixListId must be the region's S3 prefix list (pl-…) with egress endpoints, got",
    ],
    [{ vpc: { ...vpc, vpcId: 'default' } }, 'vpc.vpcId must be the id of a VPC (vpc-…), got "default"'],
    [
      { vpc: { ...vpc, privateSubnetIds: ['subnet-0000000000000000a'] } },
      'vpc.privateSubnetIds must name one subnet for each of at least two zones, got 1 for 2',
    ],
    [
      { vpc: { ...vpc, publicSubnetIds: ['subnet-0000000000000000a', 'b'] } },
      'vpc.publicSubnetIds must be ids of subnets (subnet-…), got "b"',
    ],
    [
      { vpc, egress: 'endpoints', s3PrefixListId: s3PrefixListId },
      'vpc.endpointSecurityGroupId must be the security group of the interface endpoints (sg-…)',
    ],
  ])('fails on %j', (network, message) => {
    expect(withNetwork(network)).toThrow(message);
  });
});
