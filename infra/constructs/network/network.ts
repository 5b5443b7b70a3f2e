import {
  FlowLogDestination,
  FlowLogTrafficType,
  type IPeer,
  IpAddresses,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Peer,
  SecurityGroup,
  type SubnetConfiguration,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { acknowledge } from '../../lib/acknowledge.ts';
import { problem } from '../../lib/option-error.ts';
import { cidr, listOf, oneOf, retentionDays, text, wholeNumber, zone } from '../../lib/option-types.ts';
import { ServiceRole } from '../../lib/service-role.ts';
import { type Rights, rightsByEndpoint } from './action-services.ts';
import { endpointService, endpointsOfHosts, otherEndpointOptions } from './endpoint-services.ts';
import { createEndpoints, type TrustedAccounts } from './endpoints.ts';
import { CANNOT_MOVE, type ExistingVpc, existingVpcOptions, importVpc } from './existing-vpc.ts';

export const networkOptions = z
  .strictObject({
    egress: oneOf('nat', 'endpoints')
      .default('nat')
      .describe(
        'Egress of the tasks. `nat`: NAT gateways. `endpoints`: no internet route at all, AWS services through ' +
          'interface endpoints; the scrape tools then reach nothing. This suits a fork whose tools call only AWS and your own ' +
          'network.',
      )
      .meta({
        update:
          'to `endpoints`, the addresses of the NAT gateways are given up; back to `nat`, there are others, which hosts that allow only listed addresses must learn',
      }),
    natGateways: wholeNumber(1, 2)
      .default(2)
      .describe(
        'NAT gateways. One costs half as much, and the failure of its zone ends egress of both zones. Only with `nat`.',
      )
      .meta({ update: 'a removed gateway loses its address, and a later one has another' }),
    cidr: cidr(16, 24)
      .default('10.0.0.0/16')
      .describe('Address range of the VPC, without host bits.')
      .meta({ update: CANNOT_MOVE }),
    zones: listOf(zone(), { min: 2, max: 2 })
      .optional()
      .meta({
        description:
          'The two availability zones of the VPC, by name, such as `us-west-1a`. Name them in a region that has zones ' +
          'without Fargate for ARM64 or without NAT gateways. AWS lists these by zone id, and an account has its own ' +
          'name for each id: `aws ec2 describe-availability-zones --query ' +
          "'AvailabilityZones[].[ZoneName,ZoneId]'`.",
        absent: 'the first two zones that the account has in the region',
        update:
          'the new subnets would have the address ranges of the old ones; make a new stage, move the clients to it and delete this one',
      }),
    s3PrefixListId: text(/^pl-[0-9a-f]{8,17}$/, "the region's S3 prefix list (pl-…)")
      .optional()
      .meta({
        description:
          'Managed prefix list of S3 in the region, `pl-…`; required with `endpoints` because image layers come from S3. ' +
          '`aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.s3`',
        absent: 'none',
      }),
    dynamodbPrefixListId: text(/^pl-[0-9a-f]{8,17}$/, "the region's DynamoDB prefix list (pl-…)")
      .optional()
      .meta({
        description:
          'Managed prefix list of DynamoDB in the region, `pl-…`; required with `egress` `endpoints` if a tool calls DynamoDB. ' +
          '`aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.dynamodb`',
        absent: 'none',
      }),
    // A VPC has at most 50 interface endpoints by default (AWS PrivateLink quotas), and four are there anyway.
    endpoints: listOf(endpointService(), { max: 36 })
      .default([])
      .describe(
        "AWS services by the last part of their endpoint's name, such as `sqs` or `execute-api`, besides those that ECS, this " +
          'service and the tools need, for example for an issuer whose keys a private API serves. ' +
          "`s3` and `dynamodb` open the gateways to this account's buckets and tables. Only with `egress` `endpoints`, and not in " +
          'a VPC that exists.',
      ),
    otherEndpoints: listOf(otherEndpointOptions, { max: 10 })
      .default([])
      .describe(
        'Endpoints of AWS services whose hosts the kit does not know, each with the hosts of its API: a tool that calls one ' +
          'names them in `needs.hosts`. Under the same conditions.',
      ),
    internalCidrs: listOf(cidr(8, 32), { max: 20 })
      .default([])
      .describe(
        'Address ranges of your own network that tasks may connect to, for tools with a host that is `internal`. Required then with ' +
          '`egress` `endpoints`, which allows no other destination than AWS services; with `nat` tasks may connect to any address. ' +
          'You provide the routes: those of an existing VPC, or of a peering connection or transit gateway that you attach.',
      ),
    flowLogRetentionDays: retentionDays().describe('Days the flow logs are kept.'),
    vpc: existingVpcOptions.optional().meta({
      description:
        'An existing VPC; `cidr`, `natGateways`, `zones` and `flowLogRetentionDays` then do not apply.',
      absent: 'a new VPC',
      update: CANNOT_MOVE,
    }),
  })
  .superRefine((options, context) => {
    const { egress, s3PrefixListId, vpc, zones = [] } = options;
    if (new Set(zones).size < zones.length) {
      context.addIssue(problem(['zones'], `must name two different zones, got ${zones[0]} twice`));
    }
    if (zones.length > 0 && vpc) {
      context.addIssue(problem(['zones'], 'must be left out with network.vpc, which has availabilityZones'));
    }
    for (const option of ['endpoints', 'otherEndpoints'] as const) {
      if (options[option].length === 0 || (egress === 'endpoints' && !vpc)) continue;
      context.addIssue(problem([option], 'must be left out unless egress is endpoints, in a new VPC'));
    }
    if (egress === 'nat') return;
    if (s3PrefixListId === undefined) {
      const rule = "must be given with egress endpoints: the region's S3 prefix list (pl-…)";
      context.addIssue(problem(['s3PrefixListId'], rule));
    }
    if (vpc && vpc.endpointSecurityGroupId === undefined) {
      const rule =
        'must be given with egress endpoints: the security group of the interface endpoints (sg-…)';
      context.addIssue(problem(['vpc', 'endpointSecurityGroupId'], rule));
    }
  });

export interface NetworkProps extends z.output<typeof networkOptions> {
  /** Encrypts the flow logs. */
  readonly logKey: IKey;
  /** Other accounts that own resources of the stage; endpoint policies allow these resources as well. */
  readonly trustedAccounts: TrustedAccounts;
  /** Hosts of the tools, in the syntax of DNS Firewall, and rights of the task's role for the tools. */
  readonly tools: {
    readonly hosts: readonly string[];
    readonly rights: readonly Rights[];
    /** TCP ports of the tools' internal hosts. */
    readonly internalPorts: readonly number[];
  };
  readonly loadBalancerScheme: 'internet-facing' | 'internal';
}

const PUBLIC = { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false };

/**
 * Two zones, each with a subnet for the load balancer and one without public addresses for the tasks. An internal load balancer has
 * subnets of its own, so that a route to a connected network is for the load balancer and not for the tasks.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly taskSubnets: ISubnet[];
  readonly loadBalancerSubnets: ISubnet[];
  /** Whether tasks have a route to the internet. */
  readonly internet: boolean;
  /** Egress destinations of the tasks' security group, on the ports that the task needs. */
  readonly egressPeers: readonly IPeer[];
  /** Destinations in the owner's network, and the ports of the tools' hosts there. */
  readonly internal: { readonly peers: readonly IPeer[]; readonly ports: readonly number[] };
  /** Resources that provide egress; tasks must not start before them. */
  readonly dependencies: readonly IDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { egress } = props;
    this.internet = egress === 'nat';
    const created = props.vpc === undefined;
    this.vpc = props.vpc ? importVpc(this, 'Vpc', props.vpc) : this.create(props);
    const internal = props.loadBalancerScheme === 'internal';
    const group = (name: string) => this.vpc.selectSubnets({ subnetGroupName: name }).subnets;
    this.taskSubnets = created ? group('Tasks') : this.vpc.privateSubnets;
    if (!internal) this.loadBalancerSubnets = this.vpc.publicSubnets;
    else this.loadBalancerSubnets = created ? group('LoadBalancer') : this.vpc.privateSubnets;
    this.internal = {
      peers: props.internalCidrs.map((range) => Peer.ipv4(range)),
      ports: props.tools.internalPorts,
    };

    if (created) this.flowLogs(props.logKey, props.flowLogRetentionDays);
    for (const subnet of created ? this.vpc.publicSubnets : []) {
      acknowledge(
        subnet,
        'VPCNoUnrestrictedRouteToIGW',
        internal
          ? 'A public subnet is for a NAT gateway; no task and no load balancer is in it'
          : 'A public subnet is for the load balancer and a NAT gateway; no task runs in it',
      );
    }
    if (this.internet) {
      this.egressPeers = [Peer.anyIpv4()];
      this.dependencies = this.taskSubnets.map((subnet) => subnet.internetConnectivityEstablished);
      return;
    }
    const { securityGroup, endpoints } = props.vpc
      ? { securityGroup: this.existingEndpoints(props.vpc), endpoints: [] }
      : createEndpoints(this, {
          vpc: this.vpc,
          subnets: this.taskSubnets,
          services: [
            ...props.endpoints,
            ...props.otherEndpoints.map(({ service }) => service),
            ...endpointsOfHosts(props.tools.hosts, Stack.of(this).region),
          ],
          rights: rightsByEndpoint(props.tools.rights),
          trustedAccounts: props.trustedAccounts,
        });
    const prefixLists = [props.s3PrefixListId, props.dynamodbPrefixListId].filter((id) => id !== undefined);
    this.egressPeers = [securityGroup, ...prefixLists.map((id) => Peer.prefixList(id))];
    // A dependency on the group includes its rules, which allow the tasks.
    this.dependencies = [securityGroup, ...endpoints];
  }

  private create({ cidr: range, egress, natGateways, zones, loadBalancerScheme }: NetworkProps): Vpc {
    const nat = egress === 'nat';
    const internal = loadBalancerScheme === 'internal';
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(range),
      // CloudFormation also takes zone ids, but CDK places subnets, and a configuration reads better, by name.
      ...(zones ? { availabilityZones: [...zones] } : { maxAzs: 2 }),
      natGateways: nat ? natGateways : 0,
      // CDK's custom resource closes the default security group, because CloudFormation cannot remove EC2's default
      // rules. Its function runs only at deployment and costs next to nothing; its few lines go to a log group that
      // Lambda creates, without our key or a retention.
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: internal ? internalSubnets(nat) : internetFacingSubnets(nat),
    });
  }

  private flowLogs(logKey: IKey, days: number): void {
    const logGroup = new LogGroup(this, 'FlowLogGroup', {
      encryptionKey: logKey,
      retention: days,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // CDK grants it CreateLogStream, PutLogEvents and DescribeLogStreams of this group. The VPC user guide's policy has
    // CreateLogGroup and DescribeLogGroups as well, for a group that does not exist yet.
    const role = new ServiceRole(this, 'FlowLogRole', {
      service: 'vpc-flow-logs.amazonaws.com',
      description: 'Writes the flow logs',
      sourceArn: Stack.of(this).formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }),
    });
    this.vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup, role),
      trafficType: FlowLogTrafficType.ALL,
    });
  }

  private existingEndpoints({ endpointSecurityGroupId = '' }: ExistingVpc): ISecurityGroup {
    return SecurityGroup.fromSecurityGroupId(this, 'EndpointSecurityGroup', endpointSecurityGroupId);
  }
}

function internetFacingSubnets(nat: boolean): SubnetConfiguration[] {
  return [{ ...PUBLIC, cidrMask: 26 }, taskSubnets(nat)];
}

/** They fit a VPC of /24: the least that ELB asks for in each subnet of a load balancer is a /27 (ELB User Guide, "Subnets for your load balancer"). */
function internalSubnets(nat: boolean): SubnetConfiguration[] {
  return [
    taskSubnets(nat),
    { name: 'LoadBalancer', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 27 },
    ...(nat ? [{ ...PUBLIC, cidrMask: 28 }] : []),
  ];
}

function taskSubnets(nat: boolean): SubnetConfiguration {
  return {
    name: 'Tasks',
    subnetType: nat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
    cidrMask: 26,
  };
}
