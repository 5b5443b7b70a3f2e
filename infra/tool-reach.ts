import { RegionInfo } from 'aws-cdk-lib/region-info';
import {
  actionsWithoutEndpoint,
  resourcesElsewhere,
  rightsByEndpoint,
} from './constructs/network/action-services.ts';
import { covers, endpointHosts, endpointsOfHosts } from './constructs/network/endpoint-services.ts';
import type { networkOptions } from './constructs/network/network.ts';
import type { ServedTool } from './served-tools.ts';

interface Way {
  readonly region: string;
  readonly network: ReturnType<typeof networkOptions.parse>;
  readonly task: { readonly caCertificates?: string | undefined };
}

/**
 * Checks whether tasks reach what the tools state.
 *
 * @returns a line for each problem: the option, the rule, the value
 */
export function reachProblems(stage: Way, tools: readonly ServedTool[]): string[] {
  const { network } = stage;
  const inside = network.egress === 'endpoints';
  return [
    ...tools.flatMap((tool) => (inside ? unreachable(tool, stage) : [])),
    ...prefixListProblems(stage, tools),
    ...internalProblems(stage, tools),
  ];
}

/** Hosts and resources beyond the VPC endpoints. The owner of an existing VPC knows its endpoints. */
function unreachable({ name, hosts, rights }: ServedTool, { network, region }: Way): string[] {
  if (network.vpc !== undefined) return [];
  const known = endpointHosts(network, region);
  const domain = `${region}.${RegionInfo.get(region).domainSuffix}`;
  const outside = hosts
    .filter(
      (host) =>
        !host.internal && !covers(known, host.name) && endpointsOfHosts([host.name], region).length === 0,
    )
    .map((host) => host.name);
  return [
    ...outside.map((host) => {
      const fix = host.endsWith(domain)
        ? 'name its endpoint in network.otherEndpoints'
        : 'state it as internal if it is a host of your own network';
      return `tools.${name} needs ${host}, which tasks cannot reach with network.egress endpoints: set network.egress to nat, or ${fix}`;
    }),
    ...resourcesElsewhere(rights, region).map(
      (resource) =>
        `tools.${name} needs a resource of another region, which tasks cannot reach with network.egress endpoints: set network.egress to nat, got ${JSON.stringify(resource)}`,
    ),
    ...actionsWithoutEndpoint(rights).map(
      (action) =>
        `tools.${name} needs ${action}, whose service has no endpoint with private DNS: set network.egress to nat`,
    ),
  ];
}

/** The tasks' security group names the gateway of DynamoDB by its prefix list. */
function prefixListProblems({ network }: Way, tools: readonly ServedTool[]): string[] {
  const stated = rightsByEndpoint(tools.flatMap(({ rights }) => rights)).has('dynamodb');
  const needed = network.egress === 'endpoints' && (stated || network.endpoints.includes('dynamodb'));
  if (needed === (network.dynamodbPrefixListId !== undefined)) return [];
  return [
    needed
      ? "network.dynamodbPrefixListId must be given with egress endpoints and DynamoDB: the region's DynamoDB prefix list (pl-…)"
      : 'network.dynamodbPrefixListId must be left out unless egress is endpoints and a tool calls DynamoDB',
  ];
}

/** Options of internal hosts: without one they would open something that is not needed. */
function internalProblems({ network, task }: Way, tools: readonly ServedTool[]): string[] {
  const hosts = tools.flatMap((tool) =>
    tool.hosts.flatMap((host) => (host.internal ? [`${host.name} of tools.${tool.name}`] : [])),
  );
  const inside = network.egress === 'endpoints';
  const ranges = network.internalCidrs.length > 0;
  const problems: string[] = [];
  if (inside && hosts.length > 0 && !ranges) {
    problems.push(
      `network.internalCidrs must be given with egress endpoints, because tasks connect to ${hosts.join(', ')}: the address ranges of these hosts`,
    );
  }
  if (ranges && !(inside && hosts.length > 0)) {
    problems.push(
      'network.internalCidrs must be left out unless egress is endpoints and a tool has an internal host',
    );
  }
  if (task.caCertificates !== undefined && hosts.length === 0) {
    problems.push('task.caCertificates must be left out unless a tool has an internal host');
  }
  return problems;
}
