import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, resources, stageNames, template } from './templates.ts';
import { variants } from './variants.ts';

/** Every egress rule of the tasks' group, inline or not, as `destination:port`. */
function egress(config: Parameters<typeof template>[0]): string[] {
  const found = template(config);
  const [id, group] = Object.entries(resources(found, 'AWS::EC2::SecurityGroup')).find(([name]) =>
    name.startsWith('ServiceSecurityGroup'),
  ) ?? [''];
  const apart = all(found, 'AWS::EC2::SecurityGroupEgress')
    .map(({ Properties }) => Properties)
    .filter(({ GroupId }) => GroupId['Fn::GetAtt'][0] === id);
  return [...(group?.Properties.SecurityGroupEgress ?? []), ...apart]
    .filter((rule) => rule.CidrIp !== '255.255.255.255/32') // matches nothing
    .map((rule) => {
      expect(rule.IpProtocol).toBe('tcp');
      expect(rule.FromPort).toBe(rule.ToPort);
      const peer =
        rule.CidrIp ?? rule.DestinationPrefixListId ?? rule.DestinationSecurityGroupId['Fn::GetAtt'][0];
      return `${peer.replace(/[0-9A-F]{8}$/, '')}:${rule.ToPort}`;
    })
    .sort();
}

describe('service', () => {
  test.each(stageNames)('the tasks of %s have no public address and offer no shell', (name) => {
    const { Properties } = only(template(stages[name]), 'AWS::ECS::Service');
    expect(Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    expect(Properties.EnableExecuteCommand).toBe(false);
    for (const subnet of Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets) {
      expect(subnet.Ref).toMatch(/TasksSubnet/);
    }
  });

  test.each(stageNames)('a deployment of %s loses no capacity and rolls back when it fails', (name) => {
    const { Properties } = only(template(stages[name]), 'AWS::ECS::Service');
    expect(Properties.DeploymentConfiguration).toEqual({
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      Alarms: {
        AlarmNames: [`Mcp-test-TargetErrors`, `Mcp-test-UnhealthyTasks`],
        Enable: true,
        Rollback: true,
      },
    });
    expect(Properties).not.toHaveProperty('DesiredCount');
    expect(Properties.HealthCheckGracePeriodSeconds).toBe(60);
  });

  test('runs on the latest Fargate platform, spread over the zones, with enhanced insights', () => {
    const found = template(stages.prod);
    found.hasResourceProperties('AWS::ECS::Service', {
      LaunchType: 'FARGATE',
      PlatformVersion: 'LATEST',
      AvailabilityZoneRebalancing: 'ENABLED',
    });
    found.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enhanced' }],
    });
  });

  test('only the load balancer gets in', () => {
    const found = template(stages.prod);
    const ingress = all(found, 'AWS::EC2::SecurityGroupIngress').map(({ Properties }) => Properties);
    expect(ingress).toEqual([
      expect.objectContaining({
        GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'] },
        SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^EdgeSecurityGroup/), 'GroupId'] },
        FromPort: 8443,
        ToPort: 8443,
      }),
    ]);
    const groups = resources(found, 'AWS::EC2::SecurityGroup');
    const open = Object.entries(groups).filter(([, { Properties }]) => Properties.SecurityGroupIngress);
    expect(open.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['EdgeSecurityGroup']);
  });

  test('the direct engine gets out on 443 and 80, nothing else', () => {
    expect(egress(stages.prod)).toEqual(['0.0.0.0/0:443', '0.0.0.0/0:80']);
  });

  test('engine webscraping-ai gets out on 443 only', () => {
    expect(egress(variants.webscraping)).toEqual(['0.0.0.0/0:443']);
  });

  test('with egress endpoints tasks reach the endpoints and S3, nothing else', () => {
    expect(egress(combinations.endpoints)).toEqual(['NetworkEndpointSecurityGroup:443', 'pl-0123abcd:443']);
  });

  test.each(Object.values<StageConfig>(combinations))(
    'no security group ever has the default rule that lets all out',
    (config) => {
      for (const { Properties } of all(template(config), 'AWS::EC2::SecurityGroup')) {
        expect(Properties.SecurityGroupEgress?.length ?? 0).toBeGreaterThan(0);
        for (const rule of Properties.SecurityGroupEgress) expect(rule.IpProtocol).not.toBe('-1');
      }
    },
  );
});
