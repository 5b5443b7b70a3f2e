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
import { cidr, listOf, oneOf, retentionDays, text, wholeNumber } from '../../lib/option-types.ts';
import { ServiceRole } from '../../lib/service-role.ts';
import { createEndpoints } from './endpoints.ts';
import { CANNOT_MOVE, type ExistingVpc, existingVpcOptions, importVpc } from './existing-vpc.ts';

export const networkOptions = z
  .strictObject({
    egress: oneOf('nat', 'endpoints')
      .default('nat')
      .describe(
        'Egress of the tasks. `nat`: NAT gateways. `endpoints`: no internet route at all, AWS services through ' +
          'interface endpoints; the scrape tools then reach nothing. This suits a fork whose tools call only AWS, with ' +
          '`endpoints` and `task.policyStatements`.',
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
      .meta({ update: 'a gateway that is removed gives up its address, and a later one has another' }),
    cidr: cidr(16, 24)
      .default('10.0.0.0/16')
      .describe('Address range of the VPC, without host bits.')
      .meta({ update: CANNOT_MOVE }),
    s3PrefixListId: text(/^pl-[0-9a-f]{8,17}$/, "the region's S3 prefix list (pl-…)")
      .optional()
      .meta({
        description:
          'Managed prefix list of S3 in the region, `pl-…`; required with `endpoints` because image layers come from S3. ' +
          '`aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.s3`',
        absent: 'none',
      }),
    endpoints: listOf(text(/^[a-z0-9][a-z0-9.-]+$/, 'the name of a service such as sqs'))
      .default([])
      .describe(
        "AWS services that tools call, by the last part of their endpoint's name, such as `sqs` or `bedrock-runtime`; the " +
          "services that ECS and this service need are there anyway. `s3` opens the gateway to this account's buckets. " +
          'Only with `egress` `endpoints`, and not in a VPC that exists.',
      ),
    flowLogRetentionDays: retentionDays().describe('Days the flow logs are kept.'),
    vpc: existingVpcOptions.optional().meta({
      description: 'An existing VPC; `cidr`, `natGateways` and `flowLogRetentionDays` then do not apply.',
      absent: 'a new VPC',
      update: CANNOT_MOVE,
    }),
  })
  .superRefine(({ egress, s3PrefixListId, endpoints, vpc }, context) => {
    if (endpoints.length > 0 && (egress === 'nat' || vpc)) {
      context.addIssue(problem(['endpoints'], 'must be left out unless egress is endpoints, in a new VPC'));
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
  readonly trustedAccounts: readonly string[];
}

/** Two zones: public subnets for the load balancer only, subnets without public addresses for the tasks. */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly taskSubnets: ISubnet[];
  readonly publicSubnets: ISubnet[];
  /** Whether tasks have a route to the internet. */
  readonly internet: boolean;
  /** Egress destinations of the tasks' security group. */
  readonly egressPeers: readonly IPeer[];
  /** Resources that provide egress; tasks must not start before them. */
  readonly dependencies: readonly IDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { egress } = props;
    this.internet = egress === 'nat';
    const created = props.vpc === undefined;
    this.vpc = props.vpc ? importVpc(this, 'Vpc', props.vpc) : this.create(props);
    this.publicSubnets = this.vpc.publicSubnets;
    this.taskSubnets = created && !this.internet ? this.vpc.isolatedSubnets : this.vpc.privateSubnets;

    if (created) this.flowLogs(props.logKey, props.flowLogRetentionDays);
    for (const subnet of created ? this.publicSubnets : []) {
      acknowledge(
        subnet,
        'VPCNoUnrestrictedRouteToIGW',
        'A public subnet is for the load balancer and a NAT gateway; no task runs in it',
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
          services: props.endpoints,
          trustedAccounts: props.trustedAccounts,
        });
    this.egressPeers = [securityGroup, Peer.prefixList(props.s3PrefixListId ?? '')];
    // A dependency on the group includes its rules, which allow the tasks.
    this.dependencies = [securityGroup, ...endpoints];
  }

  private create({ cidr: range, egress, natGateways }: NetworkProps): Vpc {
    const nat = egress === 'nat';
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(range),
      maxAzs: 2,
      natGateways: nat ? natGateways : 0,
      // CDK's custom resource closes the default security group, because CloudFormation cannot remove EC2's default
      // rules. Its function runs only at deployment and costs next to nothing; its few lines go to a log group that
      // Lambda creates, without our key or a retention.
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 26 },
        {
          name: 'Tasks',
          subnetType: nat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          cidrMask: 26,
        },
      ],
    });
  }

  private flowLogs(logKey: IKey, days: number): void {
    const logGroup = new LogGroup(this, 'FlowLogGroup', {
      encryptionKey: logKey,
      retention: days,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
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
