import { combinations } from '../../../infra/combinations.ts';
import { vpcsOf } from '../account.ts';
import { type Cases, named, quota, service, subnets, tokyo, withResources, zonesOf } from './answers.ts';

const { dev, prod, endpoints, vpc, vpcEndpoints, valkey, internalVpc } = combinations;

/** Accounts that fail the checks of the network. */
export const NETWORK: Cases = {
  'availability zones': [
    ['without a zone that the stage names', named, {}, 'us-east-1 has no zone us-east-1f', 'network.zones'],
    [
      'whose second zone has no Fargate',
      tokyo,
      {
        answers: zonesOf(
          ['ap-northeast-1a', 'apne1-az4'],
          ['ap-northeast-1b', 'apne1-az3'],
          ['ap-northeast-1c', 'apne1-az1'],
        ),
      },
      'ap-northeast-1b (apne1-az3) has no Fargate',
      'network.zones',
    ],
    [
      'whose default subnets name a zone without Fargate',
      tokyo,
      {
        answers: {
          ...zonesOf(
            ['ap-northeast-1a', 'apne1-az4'],
            ['ap-northeast-1b', 'apne1-az2'],
            ['ap-northeast-1c', 'apne1-az3'],
          ),
          'ec2:DescribeSubnets': () => ({
            subnetSet: {
              item: [{ availabilityZone: 'ap-northeast-1c' }, { availabilityZone: 'ap-northeast-1a' }],
            },
          }),
        },
      },
      'ap-northeast-1c (apne1-az3) has no Fargate',
    ],
    [
      'with one zone',
      dev,
      { answers: zonesOf(['us-east-1a', 'use1-az1']) },
      'us-east-1 has no zone number two',
    ],
    [
      'without a zone of the VPC',
      vpc,
      { answers: zonesOf(['us-east-1a', 'use1-az1']) },
      'us-east-1 has no zone us-east-1b',
      'other zones',
    ],
  ],
  'network.vpc': [
    [
      'without a subnet',
      vpc,
      { answers: { 'ec2:DescribeSubnets': () => ({ subnetSet: '' }) } },
      'it does not exist',
    ],
    [
      'with a subnet of another VPC',
      vpc,
      { answers: { 'ec2:DescribeSubnets': subnets({ vpcId: 'vpc-9' }) } },
      'it is of vpc-9',
    ],
    [
      'with a subnet in another zone',
      vpc,
      { answers: { 'ec2:DescribeSubnets': subnets({ availabilityZone: 'us-east-1c' }) } },
      'it is in us-east-1c, not in us-east-1b',
    ],
    [
      'with a full subnet',
      vpc,
      { answers: { 'ec2:DescribeSubnets': subnets({ availableIpAddressCount: 7 }) } },
      '7 free addresses',
    ],
    [
      'with a full subnet for the internal load balancer',
      internalVpc,
      {
        answers: {
          'ec2:DescribeSubnets': subnets({ availableIpAddressCount: 7 }, 'subnet-1111111111111111b'),
        },
      },
      '7 free addresses',
    ],
    [
      'without the security group of the endpoints',
      vpcEndpoints,
      { answers: { 'ec2:DescribeSecurityGroups': () => ({ securityGroupInfo: '' }) } },
      'it does not exist',
      'endpointSecurityGroupId',
    ],
  ],
  'VPC endpoint': [
    [
      'whose region lacks a service',
      endpoints,
      { answers: service({ serviceName: 'other' }) },
      'us-east-1 has no interface endpoint of this name',
    ],
    [
      'with a service without private DNS',
      endpoints,
      { answers: service({ privateDnsName: undefined }) },
      'it has no private DNS name',
    ],
    [
      'with a service that a zone lacks',
      endpoints,
      { answers: service({ availabilityZoneSet: { item: ['us-east-1a'] } }) },
      'it is not in us-east-1b',
    ],
  ],
  'prefix list': [
    [
      'without the list',
      endpoints,
      { answers: { 'ec2:DescribeManagedPrefixLists': () => ({ prefixListSet: '' }) } },
      'it does not exist',
      'describe-managed-prefix-lists',
    ],
    [
      'where it is another list',
      endpoints,
      {
        answers: {
          'ec2:DescribeManagedPrefixLists': () => ({
            prefixListSet: { item: { prefixListName: 'com.amazonaws.us-east-1.dynamodb' } },
          }),
        },
      },
      'it is com.amazonaws.us-east-1.dynamodb, not com.amazonaws.us-east-1.s3',
    ],
    [
      'where the list of DynamoDB is the one of S3',
      withResources(endpoints, {
        DynamoDb: { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { DestinationPrefixListId: 'pl-1' } },
      }),
      {},
      'it is com.amazonaws.us-east-1.s3, not com.amazonaws.us-east-1.dynamodb',
    ],
  ],
  'quota of Elastic IP addresses': [
    [
      'with few Elastic IP addresses',
      prod,
      { answers: quota('L-0263D0A3', 2) },
      '1 of 2 are in use, and the stage needs 2 more',
      '--quota-code L-0263D0A3 --desired-value 3',
    ],
  ],
  'quota of VPCs': [
    [
      'whose last VPC is on the second page',
      prod,
      { answers: { 'ec2:DescribeVpcs': vpcsOf(['1', '2', '3', '4', '5']) } },
      '5 of 5 are in use, and the stage needs 1 more',
      'L-F678F1CE',
    ],
  ],
  'quota of internet gateways': [
    [
      'with few internet gateways',
      prod,
      { answers: quota('L-A4707A72', 1) },
      '1 of 1 are in use',
      'L-A4707A72',
    ],
  ],
  'quota of NAT gateways': [
    [
      'with few NAT gateways in a zone',
      prod,
      { answers: quota('L-FE5A380F', 1) },
      '1 of 1 are in use, and the stage needs 1 more',
      'L-FE5A380F',
    ],
  ],
  'quota of rules in a security group': [
    [
      'with few rules in a security group',
      valkey,
      { answers: quota('L-0EA8095F', 1) },
      'in one, and 1 are allowed',
      'L-0EA8095F',
    ],
  ],
  'quota of CloudWatch Logs resource policies': [
    [
      'with 9 log resource policies',
      withResources(prod, {
        OfFork1: { Type: 'AWS::Logs::ResourcePolicy' },
        OfFork2: { Type: 'AWS::Logs::ResourcePolicy' },
      }),
      { answers: { 'logs:DescribeResourcePolicies': () => ({ resourcePolicies: Array(9).fill({}) }) } },
      '9 of 10 are in use, and the stage needs ',
      'does not raise',
    ],
  ],
  'quota of Lambda concurrency': [
    [
      'with the Lambda quota of a new account',
      prod,
      {
        answers: {
          'lambda:GetAccountSettings': () => ({ AccountLimit: { UnreservedConcurrentExecutions: 10 } }),
        },
      },
      '10 are not reserved, the stage reserves 5, and 100 must remain',
      'functions.reserveConcurrency',
    ],
  ],
  'quota of Fargate vCPUs': [
    [
      'with few Fargate vCPUs',
      prod,
      { answers: quota('L-3032A538', 0.5) },
      'the account may use 0.5; the stage takes 1',
      'L-3032A538',
    ],
  ],
};
