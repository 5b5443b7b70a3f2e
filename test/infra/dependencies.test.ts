import { describe, expect, test } from '@jest/globals';
import { hasDnsFirewall } from '../../infra/constructs/dns-firewall/dns-firewall.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { type Resource, resources, template } from './templates.ts';

/** Everything that CloudFormation makes before a resource and deletes after it, by logical id. */
function madeBefore(all: Record<string, Resource>, id: string, known = new Set<string>()): Set<string> {
  const { DependsOn, ...resource } = all[id] ?? {};
  const text = JSON.stringify(resource);
  const references = [
    ...[...text.matchAll(/"Ref":"(\w+)"/g), ...text.matchAll(/"Fn::GetAtt":\["(\w+)"/g)].map(([, to]) => to),
    ...[DependsOn ?? []].flat(),
  ];
  for (const to of references) {
    if (to === undefined || known.has(to) || !(to in all)) continue;
    known.add(to);
    madeBefore(all, to, known);
  }
  return known;
}

describe.each(Object.entries<StageConfig>(combinations))('in the stack of %s', (_name, config) => {
  const all = template(config).toJSON()['Resources'] as Record<string, Resource>;
  const ids = (type: string, beginning = '') =>
    Object.keys(all).filter((id) => all[id]?.Type === `AWS::${type}` && id.startsWith(beginning));
  const madeBeforeThe = (type: string) =>
    madeBefore(all, Object.keys(resources(template(config), `AWS::${type}`))[0] ?? '');
  const beforeService = madeBeforeThe('ECS::Service');

  test('tasks start after their way out: routes, NAT gateways, endpoints', () => {
    const way = [
      ...ids('EC2::Route', 'NetworkVpcTasks'),
      ...ids('EC2::NatGateway').filter((id) => config.network?.natGateways !== 1 || /Subnet1/.test(id)),
      ...ids('EC2::VPCEndpoint'),
    ];
    expect(way.length > 0).toBe(config.network?.vpc === undefined);
    expect(way.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after the wall of names and its log', () => {
    const wall = [
      ...ids('Route53Resolver::FirewallRuleGroupAssociation'),
      ...ids('Route53Resolver::ResolverQueryLoggingConfigAssociation'),
    ];
    expect(wall).toHaveLength(hasDnsFirewall(parseStageConfig(config)) ? 2 : 0);
    expect(wall.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after every rule of every security group', () => {
    const rules = [...ids('EC2::SecurityGroupEgress'), ...ids('EC2::SecurityGroupIngress')];
    expect(rules.length).toBeGreaterThanOrEqual(2);
    expect(rules.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after what both roles may do', () => {
    const policies = ids('IAM::ManagedPolicy', 'Task');
    expect(policies).toHaveLength(2);
    expect(policies.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('nobody gets in before the firewall is associated and logs, nor after it is gone', () => {
    const firewall = [...ids('WAFv2::WebACLAssociation'), ...ids('WAFv2::LoggingConfiguration')];
    expect(firewall).toHaveLength(2);
    const beforeListener = madeBeforeThe('ElasticLoadBalancingV2::Listener');
    expect(firewall.filter((id) => !beforeListener.has(id))).toEqual([]);
    expect(ids('ElasticLoadBalancingV2::Listener').filter((id) => !beforeService.has(id))).toEqual([]);
  });
});
