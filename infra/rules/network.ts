import { every, must, type Rule } from './rule.ts';
import { listOf, type Properties, type SynthesizedTemplate, taskVariable } from './synthesized-template.ts';

const made = { file: 'infra/constructs/network/network.ts' };

/** Whether tasks may fetch from any host, and have an internet route. */
function mayReachAnyHost(template: SynthesizedTemplate): boolean {
  const anyHost = String(taskVariable(template, 'SCRAPE_ALLOWED_DOMAINS')).split(',').includes('*');
  return anyHost && template.all('AWS::EC2::NatGateway').length > 0;
}

export const networkRules: readonly Rule[] = [
  {
    id: 'FlowLogs',
    control: 'Every VPC of the stack logs its flows, accepted and rejected, to an encrypted log group',
    fsbp: ['EC2.6'],
    ...made,
    check: every(
      'AWS::EC2::VPC',
      (_vpc, template, logicalId) => {
        const log = template
          .all('AWS::EC2::FlowLog')
          .find(({ properties }) => template.target(properties['ResourceId'])?.logicalId === logicalId);
        if (log === undefined) return ['has no flow log'];
        return [
          must('TrafficType', log.properties['TrafficType'], 'ALL'),
          !template.names(log.properties['LogGroupName'], 'AWS::Logs::LogGroup') &&
            'its flow log must go to a log group of this template',
        ];
      },
      { needed: false },
    ),
  },
  {
    id: 'DefaultSecurityGroupClosed',
    control: 'The default security group of every VPC of the stack has no rules',
    fsbp: ['EC2.2'],
    ...made,
    check: every(
      'AWS::EC2::VPC',
      (_vpc, template, logicalId) => [
        !template
          .all('Custom::VpcRestrictDefaultSG')
          .some(
            ({ properties }) =>
              template.target(properties['DefaultSecurityGroupId'])?.logicalId === logicalId,
          ) && 'its default security group is not closed',
      ],
      { needed: false },
    ),
  },
  {
    id: 'NoAutomaticPublicAddress',
    control: 'No subnet assigns public addresses by default',
    fsbp: ['EC2.15'],
    ...made,
    check: every(
      'AWS::EC2::Subnet',
      ({ MapPublicIpOnLaunch }) => [must('MapPublicIpOnLaunch', MapPublicIpOnLaunch, false)],
      { needed: false },
    ),
  },
  {
    id: 'UnlistedNamesBlocked',
    control:
      'With a DNS firewall, unlisted names do not resolve, or outside production raise the alarm, and no list contains every name',
    fsbp: [],
    file: 'infra/constructs/dns-firewall/dns-firewall.ts',
    check: every(
      'AWS::Route53Resolver::FirewallRuleGroup',
      ({ FirewallRules }, template, logicalId) => {
        const rules = [...listOf(FirewallRules)].sort((a, b) => a['Priority'] - b['Priority']);
        const domains = ({ FirewallDomainListId }: Properties) =>
          listOf(template.target(FirewallDomainListId)?.properties['Domains']).map(String);
        const last = rules.pop();
        const associated = template
          .all('AWS::Route53Resolver::FirewallRuleGroupAssociation')
          .some(
            ({ properties: { FirewallRuleGroupId, VpcId } }) =>
              template.target(FirewallRuleGroupId)?.logicalId === logicalId &&
              (template.all('AWS::EC2::VPC').length === 0 || template.names(VpcId, 'AWS::EC2::VPC')),
          );
        const actions = template.production ? ['BLOCK'] : ['BLOCK', 'ALERT'];
        return [
          !(
            actions.includes(last?.['Action']) &&
            domains(last ?? {}).includes('*') &&
            last?.['Qtype'] === undefined
          ) && 'its last rule must block every name',
          last?.['BlockResponse'] === 'OVERRIDE' && 'a blocked name must not resolve to another name',
          rules.some((rule) => domains(rule).includes('*')) && 'only its last rule may be for every name',
          rules.some((rule) => domains(rule).some((name) => /^\*\.[^.]+\.?$/.test(name))) &&
            'no rule may be for all names of a top level',
          rules.some((rule) => domains(rule).length === 0) &&
            'its lists must be written out in this template',
          !associated && 'no VPC is associated with it',
        ];
      },
      { needed: false },
    ),
  },
  {
    id: 'DnsFirewallRequired',
    control: 'Every VPC of the stack has a DNS firewall, unless its tasks may reach any host of the internet',
    fsbp: [],
    file: 'infra/constructs/dns-firewall/dns-firewall.ts',
    check: every(
      'AWS::EC2::VPC',
      (_vpc, template, logicalId) => [
        !mayReachAnyHost(template) &&
          !template
            .all('AWS::Route53Resolver::FirewallRuleGroupAssociation')
            .some(({ properties }) => template.target(properties['VpcId'])?.logicalId === logicalId) &&
          'no FirewallRuleGroup is associated with it',
      ],
      { needed: false },
    ),
  },
  {
    id: 'NoForeignDnsFirewall',
    control: 'No other DNS firewall takes precedence over the stack’s own',
    fsbp: [],
    file: 'infra/constructs/dns-firewall/dns-firewall.ts',
    check: every(
      'AWS::Route53Resolver::FirewallRuleGroupAssociation',
      ({ FirewallRuleGroupId }, template) => [
        !template.names(FirewallRuleGroupId, 'AWS::Route53Resolver::FirewallRuleGroup') &&
          'FirewallRuleGroupId must be a group of this template',
      ],
      { needed: false },
    ),
  },
  {
    id: 'EndpointPoliciesRestricted',
    control: 'Every VPC endpoint policy allows only this account’s identities or resources',
    fsbp: [],
    file: 'infra/constructs/network/endpoints.ts',
    check: every(
      'AWS::EC2::VPCEndpoint',
      ({ PolicyDocument }) => [
        listOf(PolicyDocument?.Statement).length === 0 && 'PolicyDocument must be given',
        ...listOf(PolicyDocument?.Statement).map(
          ({ Effect, Condition, Resource }) =>
            Effect === 'Allow' &&
            !/^\{"StringEquals":\{.*"aws:(Principal|Resource)Account":.*"AWS::AccountId"/.test(
              JSON.stringify(Condition) ?? '',
            ) &&
            !/-starport-layer-bucket\/\*"/.test(JSON.stringify(Resource) ?? '') &&
            'PolicyDocument must allow nothing beyond this account',
        ),
      ],
      { needed: false },
    ),
  },
  {
    id: 'DnsQueriesLogged',
    control:
      'With a DNS firewall, queries that the resolver does not answer from its cache are logged to an encrypted log group',
    fsbp: [],
    file: 'infra/constructs/dns-firewall/dns-firewall.ts',
    check: every(
      'AWS::Route53Resolver::FirewallRuleGroupAssociation',
      ({ VpcId }, template) => [
        !template
          .all('AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation')
          .some(
            ({ properties: { ResourceId, ResolverQueryLogConfigId } }) =>
              JSON.stringify(ResourceId) === JSON.stringify(VpcId) &&
              template.names(
                template.target(ResolverQueryLogConfigId)?.properties['DestinationArn'],
                'AWS::Logs::LogGroup',
              ),
          ) && 'the queries of its VPC must go to a log group of this template',
      ],
      { needed: false },
    ),
  },
];
