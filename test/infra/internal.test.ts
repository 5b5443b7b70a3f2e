import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { combinations, privateZone, vpc } from './combinations.ts';
import { hostedZone, stages } from './stages.ts';
import { all, only, resources, template } from './templates.ts';

const { internal, internalEndpoints, internalVpc } = combinations;
const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/** Destinations of the routes of the subnets whose logical ids have a word in them. */
function routesOf(found: Template, word: string): string[] {
  const tables = Object.values(resources(found, 'AWS::EC2::SubnetRouteTableAssociation'))
    .filter(({ Properties }) => Properties.SubnetId.Ref.includes(word))
    .map(({ Properties }) => Properties.RouteTableId.Ref);
  expect(tables).toHaveLength(2);
  return all(found, 'AWS::EC2::Route')
    .filter(({ Properties }) => tables.includes(Properties.RouteTableId.Ref))
    .map(({ Properties }) => Properties.DestinationCidrBlock);
}

describe.each([
  ['with NAT gateways', internal],
  ['with endpoints', internalEndpoints],
])('an internal load balancer %s', (_, config) => {
  const found = template(config);

  test('is in two subnets of its own, which have no route out of the VPC', () => {
    const { Scheme, Subnets } = only(found, BALANCER).Properties;
    expect(Scheme).toBe('internal');
    expect(Subnets).toEqual([
      { Ref: expect.stringMatching(/^NetworkVpcLoadBalancerSubnet1/) },
      { Ref: expect.stringMatching(/^NetworkVpcLoadBalancerSubnet2/) },
    ]);
    expect(routesOf(found, 'LoadBalancer')).toEqual([]);
  });

  test('accepts connections from the named ranges only, on 443', () => {
    const group = all(found, 'AWS::EC2::SecurityGroup').find(({ Properties }) =>
      Properties.GroupDescription.startsWith('Load balancer'),
    );
    expect(group?.Properties.SecurityGroupIngress).toEqual(
      ['10.0.0.0/8', '192.168.0.0/16'].map((CidrIp) =>
        expect.objectContaining({ CidrIp, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
      ),
    );
  });

  test('has its record in the private zone, and in no other', () => {
    const { HostedZoneId, Name } = only(found, 'AWS::Route53::RecordSet').Properties;
    expect({ HostedZoneId, Name }).toEqual({ HostedZoneId: privateZone.id, Name: 'mcp-dev.example.com.' });
  });

  test('has the firewall, the logs, the alarms and the dashboard of one that faces the internet', () => {
    const operated = (of: Template) =>
      Object.values(of.toJSON()['Resources'] as Record<string, { Type: string }>)
        .map(({ Type }) => Type)
        .filter((type) => /^AWS::(?:WAFv2|Logs|CloudWatch|S3)::/.test(type))
        .sort();
    expect(operated(found)).toEqual(operated(template(stages.dev)));
  });
});

describe('the network of an internal load balancer', () => {
  test('with NAT gateways has public subnets for these alone, and all subnets fit a /24', () => {
    const ranges = all(template(internal), 'AWS::EC2::Subnet').map(({ Properties }) => Properties.CidrBlock);
    expect(ranges).toEqual([
      ...['10.20.0.0/26', '10.20.0.64/26'],
      ...['10.20.0.128/27', '10.20.0.160/27'],
      ...['10.20.0.192/28', '10.20.0.208/28'],
    ]);
    expect(only(template(internal), 'AWS::EC2::NatGateway').Properties.SubnetId.Ref).toContain('Public');
    expect(routesOf(template(internal), 'Tasks')).toEqual(['0.0.0.0/0', '0.0.0.0/0']);
  });

  test('with endpoints has no public subnet and no internet gateway', () => {
    const found = template(internalEndpoints);
    expect(all(found, 'AWS::EC2::Subnet')).toHaveLength(4);
    found.resourceCountIs('AWS::EC2::InternetGateway', 0);
    expect(routesOf(found, 'Tasks')).toEqual([]);
  });

  test('that exists: the load balancer and the tasks are in its private subnets', () => {
    const found = template(internalVpc);
    expect(only(found, BALANCER).Properties).toMatchObject({
      Scheme: 'internal',
      Subnets: vpc.privateSubnetIds,
    });
    const { Subnets } = only(found, 'AWS::ECS::Service').Properties.NetworkConfiguration.AwsvpcConfiguration;
    expect(Subnets).toEqual(vpc.privateSubnetIds);
  });
});

describe('the name of an internal load balancer', () => {
  test('has a certificate that ACM validates in the public zone, while the record is in the private one', () => {
    const [option] = only(template(internal), 'AWS::CertificateManager::Certificate').Properties
      .DomainValidationOptions;
    expect(option).toEqual({ DomainName: 'mcp-dev.example.com', HostedZoneId: hostedZone.id });
    template(internalEndpoints).resourceCountIs('AWS::CertificateManager::Certificate', 0);
  });

  test('may have its record in the public zone, with private addresses', () => {
    const { HostedZoneId } = only(template(internalVpc), 'AWS::Route53::RecordSet').Properties;
    expect(HostedZoneId).toBe(hostedZone.id);
  });
});
