import type { Properties, SynthesizedTemplate } from '../../../infra/rules/synthesized-template.ts';
import { attributesOf, listOf } from '../../../infra/rules/synthesized-template.ts';
import { assume, CALLS, gigabytes, HOURS } from '../assumptions.ts';
import { type Billable, type Line, UnpricedError } from '../line.ts';

const NAT = 'AWS::EC2::NatGateway';

/**
 * Zones that a gateway is billed in: its own; for a regional one, its configured zones or those of its VPC's subnets.
 */
function natZones(
  { AvailabilityMode, AvailabilityZoneAddresses }: Properties,
  template: SynthesizedTemplate,
) {
  if (AvailabilityMode !== 'regional') return 1;
  const zones = template
    .all('AWS::EC2::Subnet')
    .map(({ properties }) => JSON.stringify(properties['AvailabilityZone']));
  return AvailabilityZoneAddresses?.length ?? new Set(zones).size;
}

function nat(properties: Properties, template: SynthesizedTemplate): Line[] {
  const zones = natZones(properties, template);
  const all = template.all(NAT).reduce((sum, other) => sum + natZones(other.properties, template), 0);
  const share = zones / all;
  const sent = gigabytes(assume('siteRequestBytes')) * share;
  // A regional gateway allocates an address in each zone where none is given.
  const own =
    properties['AvailabilityMode'] === 'regional' && !properties['AvailabilityZoneAddresses'] ? zones : 0;
  const data = gigabytes(assume('pageBytes') + assume('auditBytes')) * share + sent;
  return [
    { price: 'nat', idle: HOURS * zones },
    ...(own > 0 ? [{ price: 'publicAddress', idle: HOURS * own } as const] : []),
    { price: 'natData', perMillion: data },
    { price: 'internetData', perMillion: sent },
  ];
}

function endpoint({ VpcEndpointType = 'Gateway', SubnetIds, ServiceName }: Properties): Line[] {
  if (VpcEndpointType === 'Gateway') return [];
  if (VpcEndpointType !== 'Interface')
    throw new UnpricedError(`VpcEndpointType ${VpcEndpointType} has no price here`);
  const logs = /\.logs["']?[\]})]*$/.test(JSON.stringify(ServiceName));
  return [
    { price: 'endpoint', idle: HOURS * listOf(SubnetIds).length },
    ...(logs ? [{ price: 'endpointData', perMillion: gigabytes(assume('auditBytes')) } as const] : []),
  ];
}

/** Capacity units of a million calls: the largest dimension of a load balancer counts. Up to ten rules are free. */
function capacityHours(): number {
  const connections = assume('connections') * CALLS;
  return Math.max(
    connections / (25 * 3600),
    connections / (3000 * 60),
    gigabytes(assume('requestBytes') + assume('answerBytes')),
  );
}

function loadBalancer({ Type = 'application', Scheme, Subnets, LoadBalancerAttributes }: Properties): Line[] {
  if (Type !== 'application') throw new UnpricedError(`a load balancer of type ${Type} has no price here`);
  const nodes = listOf(Subnets).length;
  const logs = Object.entries(attributesOf(LoadBalancerAttributes)).filter(
    ([key, value]) => key.endsWith('_logs.s3.enabled') && value === 'true',
  ).length;
  return [
    { price: 'loadBalancer', idle: HOURS },
    ...(Scheme === 'internet-facing' ? [{ price: 'publicAddress', idle: HOURS * nodes } as const] : []),
    { price: 'loadBalancerCapacity', perMillion: capacityHours() },
    // An internal one answers over your VPN, peering or transit gateway, whose bill has that traffic.
    ...(Scheme === 'internet-facing'
      ? [{ price: 'internetData', perMillion: gigabytes(assume('answerBytes')) } as const]
      : []),
    { price: 'objectPuts', idle: (logs * nodes * HOURS * 3600) / assume('logFileSeconds') },
  ];
}

export const NETWORK: Readonly<Record<string, Billable>> = {
  [NAT]: {
    group: 'Egress',
    why: 'Tasks reach the pages they scrape and have no public address; one per zone, because with a single one the failure of its zone affects both',
    count: ({ properties }, template) => nat(properties, template),
  },
  'AWS::EC2::EIP': {
    group: 'Egress',
    why: 'The address of a NAT gateway, which sites can allow-list',
    count: () => [{ price: 'publicAddress', idle: HOURS }],
  },
  'AWS::EC2::VPCEndpoint': {
    group: 'Egress',
    why: 'AWS services without a route to the internet: what ECS and the service call, in each zone',
    count: ({ properties }) => endpoint(properties),
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    group: 'Load balancer',
    why: 'It terminates TLS and carries the firewall and health checks; AWS requires two zones, each with a public address',
    count: ({ properties }) => loadBalancer(properties),
  },
  'AWS::ElasticLoadBalancingV2::TrustStore': {
    group: 'Load balancer',
    why: 'Only clients with a certificate connect (`edge.mutualTls`)',
    count: () => [{ price: 'trustStore', idle: HOURS }],
  },
};
