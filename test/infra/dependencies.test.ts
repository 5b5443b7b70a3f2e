import { describe, expect, test } from '@jest/globals';
import { hasDnsFirewall } from '../../infra/constructs/dns-firewall/dns-firewall.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { creationOrder } from './creation-order.ts';
import { type Resource, template } from './templates.ts';
import { statedBy, toolsOf } from './tools.ts';

describe.each(Object.entries<StageConfig>(combinations))('in the stack of %s', (_name, config) => {
  const all = template(config).toJSON()['Resources'] as Record<string, Resource>;
  const ids = (type: string, beginning = '') =>
    Object.keys(all).filter((id) => all[id]?.Type === `AWS::${type}` && id.startsWith(beginning));
  const order = creationOrder(all);
  const madeBeforeThe = (type: string) => order.get(ids(type)[0] ?? '') ?? new Set();
  const beforeService = madeBeforeThe('ECS::Service');

  test('tasks start after their egress: routes, NAT gateways, endpoints', () => {
    const egress = [
      ...ids('EC2::Route', 'NetworkVpcTasks'),
      ...ids('EC2::NatGateway').filter((id) => config.network?.natGateways !== 1 || /Subnet1/.test(id)),
      ...ids('EC2::VPCEndpoint'),
    ];
    expect(egress.length > 0).toBe(config.network?.vpc === undefined);
    expect(egress.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after the DNS firewall and its query log', () => {
    const firewall = [
      ...ids('Route53Resolver::FirewallRuleGroupAssociation'),
      ...ids('Route53Resolver::ResolverQueryLoggingConfigAssociation'),
    ];
    expect(firewall).toHaveLength(hasDnsFirewall(parseStageConfig(config, toolsOf(config))) ? 2 : 0);
    expect(firewall.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after every rule of every security group', () => {
    const rules = [...ids('EC2::SecurityGroupEgress'), ...ids('EC2::SecurityGroupIngress')];
    expect(rules.length).toBeGreaterThanOrEqual(2);
    expect(rules.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('tasks start after the policies of both roles', () => {
    const policies = ids('IAM::ManagedPolicy', 'Task');
    // With tools of their own two more: their rights, and the reading of their secrets.
    expect(policies).toHaveLength(statedBy(config).rights.length > 0 ? 4 : 2);
    expect(policies.filter((id) => !beforeService.has(id))).toEqual([]);
  });

  test('no request is served before the web ACL is associated and logs, nor after it is deleted', () => {
    const firewall = [...ids('WAFv2::WebACLAssociation'), ...ids('WAFv2::LoggingConfiguration')];
    expect(firewall).toHaveLength(2);
    const beforeListener = madeBeforeThe('ElasticLoadBalancingV2::Listener');
    expect(firewall.filter((id) => !beforeListener.has(id))).toEqual([]);
    expect(ids('ElasticLoadBalancingV2::Listener').filter((id) => !beforeService.has(id))).toEqual([]);
  });
});
