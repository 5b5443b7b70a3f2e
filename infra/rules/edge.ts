import { publicSubnets } from './public-subnets.ts';
import { every, must, type Rule } from './rule.ts';
import { groupRules, isAnywhere } from './security-groups.ts';
import { attributesOf, listOf } from './synthesized-template.ts';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const made = { file: 'infra/constructs/edge/edge.ts' };

/** A check that an attribute of each load balancer has a value. */
function balancerAttribute(key: string, wanted: string): Rule['check'] {
  return every(BALANCER, ({ LoadBalancerAttributes }) => [
    must(key, attributesOf(LoadBalancerAttributes)[key], wanted),
  ]);
}

export const edgeRules: readonly Rule[] = [
  {
    id: 'InvalidHeadersDropped',
    control: 'Header fields with invalid names never reach a task',
    fsbp: ['ELB.4'],
    ...made,
    check: balancerAttribute('routing.http.drop_invalid_header_fields.enabled', 'true'),
  },
  {
    id: 'StrictestDesync',
    control: 'Ambiguous requests, which two servers could parse differently, are refused',
    fsbp: ['ELB.12'],
    ...made,
    check: balancerAttribute('routing.http.desync_mitigation_mode', 'strictest'),
  },
  {
    id: 'HostHeaderPreserved',
    control: 'The service receives the client’s Host header, and checks it',
    fsbp: [],
    ...made,
    check: balancerAttribute('routing.http.preserve_host_header.enabled', 'true'),
  },
  {
    id: 'ForwardedForAppended',
    control:
      'The load balancer appends the source address of a request after the addresses that the client claims',
    fsbp: [],
    ...made,
    check: every(BALANCER, ({ LoadBalancerAttributes }) => {
      const attributes = attributesOf(LoadBalancerAttributes);
      return [
        must('xff_header_processing.mode', attributes['routing.http.xff_header_processing.mode'], 'append'),
        must('xff_client_port.enabled', attributes['routing.http.xff_client_port.enabled'], 'false'),
      ];
    }),
  },
  {
    id: 'FirewallFailsClosed',
    control: 'Requests are refused while the firewall is unavailable',
    fsbp: [],
    ...made,
    check: balancerAttribute('waf.fail_open.enabled', 'false'),
  },
  {
    id: 'AccessLogged',
    control: 'Every request and every connection is logged to a bucket of the stack',
    fsbp: ['ELB.5'],
    ...made,
    check: every(BALANCER, ({ LoadBalancerAttributes }, template) => {
      const attributes = attributesOf(LoadBalancerAttributes);
      return ['access_logs', 'connection_logs'].flatMap((log) => [
        must(`${log}.s3.enabled`, attributes[`${log}.s3.enabled`], 'true'),
        !template.names(attributes[`${log}.s3.bucket`], 'AWS::S3::Bucket') &&
          `${log}.s3.bucket must be a bucket of this template`,
      ]);
    }),
  },
  {
    id: 'DeletionProtected',
    control: 'In production the load balancer cannot be deleted before its protection is removed',
    fsbp: ['ELB.6'],
    ...made,
    check: (template) =>
      template.production ? balancerAttribute('deletion_protection.enabled', 'true')(template) : [],
  },
  {
    id: 'TwoZones',
    control: 'The load balancer runs in at least two zones',
    fsbp: ['ELB.13'],
    ...made,
    check: every(BALANCER, ({ Subnets }) => [
      new Set(listOf(Subnets).map((subnet) => JSON.stringify(subnet))).size < 2 &&
        'Subnets must be two or more',
    ]),
  },
  {
    id: 'SchemeFitsSubnets',
    control:
      'A load balancer in subnets of the stack is internal if one of them has no route to an internet gateway, and only then',
    fsbp: [],
    ...made,
    check: every(BALANCER, ({ Scheme, Subnets }, template) => {
      const open = publicSubnets(template);
      const own = listOf(Subnets).flatMap((subnet) => template.target(subnet)?.logicalId ?? []);
      if (Scheme === 'internal') {
        return [own.some((id) => open.has(id)) && 'Subnets must have no route to an internet gateway'];
      }
      return [own.some((id) => !open.has(id)) && must('Scheme', Scheme, 'internal')];
    }),
  },
  {
    id: 'InternalFromNamedRanges',
    control: 'An internal load balancer accepts connections from named ranges only, none wider than a /8',
    fsbp: [],
    ...made,
    check: every(BALANCER, ({ Scheme, SecurityGroups }, template) => {
      if (Scheme !== 'internal') return [];
      const groups = listOf(SecurityGroups).map((group) => template.target(group)?.logicalId);
      return groupRules(template, 'Ingress').map(
        ({ group, rule }) =>
          groups.includes(group) &&
          isAnywhere(rule) &&
          `${rule['CidrIp'] ?? rule['CidrIpv6']} must not be open`,
      );
    }),
  },
  {
    id: 'IdleBelowKeepAlive',
    control:
      'The load balancer closes an idle connection before the service does (75 s), and after the longest scrape (50 s)',
    fsbp: [],
    ...made,
    check: every(BALANCER, ({ LoadBalancerAttributes }) => {
      const idle = Number(attributesOf(LoadBalancerAttributes)['idle_timeout.timeout_seconds']);
      return [!(idle > 50 && idle < 75) && `idle_timeout.timeout_seconds must be 51 to 74, got ${idle}`];
    }),
  },
];
