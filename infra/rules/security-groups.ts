import type { Rule } from './rule.ts';
import { listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const GROUP = 'AWS::EC2::SecurityGroup';

interface GroupRule {
  readonly logicalId: string;
  /** Logical id of the rule's group. */
  readonly group: string;
  readonly rule: Properties;
}

/** The rules of every security group, inline or separate. */
export function groupRules(
  template: SynthesizedTemplate,
  direction: 'Ingress' | 'Egress',
): readonly GroupRule[] {
  const within = template
    .all(GROUP)
    .flatMap(({ logicalId, properties }) =>
      listOf(properties[`SecurityGroup${direction}`]).map((rule) => ({ logicalId, group: logicalId, rule })),
    );
  const beside = template.all(`AWS::EC2::SecurityGroup${direction}`).map(({ logicalId, properties }) => ({
    logicalId,
    group: template.target(properties['GroupId'])?.logicalId ?? '',
    rule: properties,
  }));
  return [...within, ...beside];
}

/** Whether a rule covers more than any private network has: halves of the internet count as the internet. */
export function isAnywhere({ CidrIp, CidrIpv6 }: Properties): boolean {
  // An address range that is not a literal is the VPC's block, or unknown.
  const bits = (cidr: unknown) => {
    if (cidr === undefined || /^\{"Fn::GetAtt":\["\w+","CidrBlock"\]\}$/.test(JSON.stringify(cidr)))
      return 128;
    return typeof cidr === 'string' && /^[\da-f.:]+\/\d+$/i.test(cidr) ? Number(cidr.split('/')[1]) : 0;
  };
  return bits(CidrIp) < 8 || bits(CidrIpv6) < 16;
}

/** Whether a rule is the placeholder that `denyAllEgress` adds to a group without egress. */
export function isPlaceholderEgress({ CidrIp, IpProtocol }: Properties): boolean {
  return CidrIp === '255.255.255.255/32' && IpProtocol === 'icmp';
}

/** Whether a rule is for addresses, not for a group or a prefix list. */
function isAddress(rule: Properties): boolean {
  return (rule['CidrIp'] !== undefined || rule['CidrIpv6'] !== undefined) && !isPlaceholderEgress(rule);
}

export function isPort({ IpProtocol, FromPort, ToPort }: Properties, ...ports: number[]): boolean {
  return IpProtocol === 'tcp' && FromPort === ToPort && ports.includes(FromPort);
}

/** Security groups of the services' tasks. */
export function taskGroups(template: SynthesizedTemplate): ReadonlySet<string> {
  return new Set(
    template
      .all('AWS::ECS::Service')
      .flatMap(({ properties }) =>
        listOf(properties['NetworkConfiguration']?.AwsvpcConfiguration?.SecurityGroups),
      )
      .map((group) => template.target(group)?.logicalId ?? ''),
  );
}

/** Security groups of the load balancers. */
function balancerGroups(template: SynthesizedTemplate): ReadonlySet<string> {
  return new Set(
    template
      .all('AWS::ElasticLoadBalancingV2::LoadBalancer')
      .flatMap(({ properties }) => listOf(properties['SecurityGroups']))
      .map((group) => template.target(group)?.logicalId ?? ''),
  );
}

/** Security groups of load balancers that fetch an issuer's keys. */
function verifierGroups(template: SynthesizedTemplate): ReadonlySet<string> {
  const actions = template
    .all('AWS::ElasticLoadBalancingV2::ListenerRule')
    .flatMap(({ properties }) => listOf(properties['Actions']));
  if (!actions.some(({ Type }) => Type === 'jwt-validation')) return new Set();
  return balancerGroups(template);
}

export const securityGroupRules: readonly Rule[] = [
  {
    id: 'SecurityGroupsNamed',
    control:
      'Every security group rule names its group, so that it can be checked, and none uses the default group',
    fsbp: ['EC2.2'],
    file: 'infra/rules/security-groups.ts',
    check: (template) =>
      ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'].flatMap((type) =>
        template
          .all(type)
          .flatMap(({ logicalId, properties: { GroupId } }) =>
            typeof GroupId === 'string' || template.names(GroupId, GROUP)
              ? []
              : [{ logicalId, problem: 'GroupId must be a group of this template, or an id' }],
          ),
      ),
  },
  {
    id: 'HttpsIngressOnly',
    control: 'Only TCP 443 is open to the internet, and a load balancer accepts no other port',
    fsbp: ['EC2.18', 'EC2.19'],
    file: 'infra/constructs/edge/edge.ts',
    check: (template) => {
      const balancers = balancerGroups(template);
      return groupRules(template, 'Ingress').flatMap(({ logicalId, group, rule }) =>
        (isAnywhere(rule) || balancers.has(group)) && !isPort(rule, 443)
          ? [{ logicalId, problem: `${portsOf(rule)} must not be open` }]
          : [],
      );
    },
  },
  {
    id: 'TasksOnlyFromLoadBalancer',
    control: 'Tasks accept connections from the load balancer’s security group only, on one port',
    fsbp: [],
    file: 'infra/constructs/service.ts',
    check: (template) => {
      const allowed = balancerGroups(template);
      const tasks = taskGroups(template);
      return groupRules(template, 'Ingress').flatMap(({ logicalId, group, rule }) => {
        if (!tasks.has(group)) return [];
        const source = template.target(rule['SourceSecurityGroupId'])?.logicalId;
        return source !== undefined && allowed.has(source) && isPort(rule, rule['FromPort'])
          ? []
          : [{ logicalId, problem: 'tasks must be reached from the load balancer only, on one TCP port' }];
      });
    },
  },
  {
    id: 'NamedEgress',
    control:
      'Security groups name their egress destinations; only tasks may reach any address, on TCP 443 and 80, and a load balancer that checks tokens, on 443',
    fsbp: [],
    file: 'infra/constructs/service.ts',
    check: (template) => {
      const tasks = taskGroups(template);
      const verifier = verifierGroups(template);
      const mayLeave = (group: string, rule: Properties) =>
        (tasks.has(group) && isPort(rule, 443, 80)) || (verifier.has(group) && isPort(rule, 443));
      const open = groupRules(template, 'Egress').flatMap(({ logicalId, group, rule }) =>
        (isAnywhere(rule) && !mayLeave(group, rule)) ||
        (tasks.has(group) && isAddress(rule) && !isPort(rule, 443, 80)) ||
        rule['IpProtocol'] === '-1'
          ? [{ logicalId, problem: `${portsOf(rule)} egress must not be open to any address` }]
          : [],
      );
      const unbound = template
        .all(GROUP)
        .flatMap(({ logicalId, properties }) =>
          listOf(properties['SecurityGroupEgress']).length === 0 &&
          !groupRules(template, 'Egress').some(({ group }) => group === logicalId)
            ? [{ logicalId, problem: 'SecurityGroupEgress must not be empty: that allows all egress' }]
            : [],
        );
      return [...open, ...unbound];
    },
  },
];

function portsOf({ IpProtocol, FromPort, ToPort }: Properties): string {
  return IpProtocol === '-1' ? 'everything' : `${IpProtocol} ${FromPort}–${ToPort}`;
}
