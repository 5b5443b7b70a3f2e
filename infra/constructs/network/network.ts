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
import { acknowledge } from '../../lib/acknowledge.ts';
import { ServiceRole } from '../../lib/service-role.ts';
import {
  assertCidr,
  assertMatches,
  assertOneOf,
  assertWithin,
  OptionError,
  retention,
} from '../../lib/validation.ts';
import { createEndpoints } from './endpoints.ts';
import { type ExistingVpc, importVpc } from './existing-vpc.ts';

export interface NetworkOptions {
  /**
   * How tasks leave their subnets. `nat`: NAT gateways. `endpoints`: no internet route at all, AWS services by
   * interface endpoints; the scrape tools then reach nothing, it is for a fork whose tools call AWS only, with
   * `endpoints` and `task.policyStatements`.
   *
   * @default 'nat'
   */
  readonly egress?: 'nat' | 'endpoints';
  /** NAT gateways, 1–2; one costs half and is one zone's failure for both zones. Only with `nat`. @default 2 */
  readonly natGateways?: number;
  /** Address range of the VPC, /16 to /24, without host bits. @default '10.0.0.0/16' */
  readonly cidr?: string;
  /**
   * Managed prefix list of S3 in the region, `pl-…`; required with `endpoints` because image layers come from S3.
   * `aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.s3`
   *
   * @default - none
   */
  readonly s3PrefixListId?: string;
  /**
   * AWS services that tools call, by the last part of their endpoint's name, such as `sqs` or `bedrock-runtime`; what
   * ECS and the service need is there anyway. `s3` opens the gateway to this account's buckets. Only with `egress`
   * `endpoints`, and not in a VPC that exists.
   *
   * @default - none
   */
  readonly endpoints?: readonly string[];
  /** Days the flow logs are kept, a value CloudWatch Logs accepts. @default 365 */
  readonly flowLogRetentionDays?: number;
  /** A VPC that exists; `cidr`, `natGateways` and `flowLogRetentionDays` then do not apply. @default - a new VPC */
  readonly vpc?: ExistingVpc;
}

export interface NetworkProps extends NetworkOptions {
  /** Encrypts the flow logs. */
  readonly logKey: IKey;
  /** Accounts besides this one that own what the stage names; endpoints let through what is theirs as well. */
  readonly trustedAccounts: readonly string[];
}

/** Two zones: public subnets for the load balancer only, subnets without public addresses for the tasks. */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly taskSubnets: ISubnet[];
  readonly publicSubnets: ISubnet[];
  /** Whether tasks have a route to the internet. */
  readonly internet: boolean;
  /** What a task's security group must be let out to. */
  readonly egressPeers: readonly IPeer[];
  /** What a task's way out consists of; the task cannot start before. */
  readonly dependencies: readonly IDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const egress = props.egress ?? 'nat';
    const natGateways = props.natGateways ?? 2;
    const toolEndpoints = props.endpoints ?? [];
    const cidr = props.cidr ?? '10.0.0.0/16';
    const flowLogRetention = retention('network.flowLogRetentionDays', props.flowLogRetentionDays ?? 365);
    assertOneOf('network.egress', egress, ['nat', 'endpoints']);
    assertWithin('network.natGateways', natGateways, 1, 2);
    assertCidr('network.cidr', cidr, 16, 24);
    if (egress === 'endpoints') {
      assertMatches(
        'network.s3PrefixListId',
        props.s3PrefixListId ?? '',
        /^pl-[0-9a-f]{8,17}$/,
        "the region's S3 prefix list (pl-…) with egress endpoints",
      );
    }
    for (const service of toolEndpoints) {
      assertMatches('network.endpoints', service, /^[a-z0-9][a-z0-9.-]+$/, 'names of services such as sqs');
    }
    if (toolEndpoints.length > 0 && (egress === 'nat' || props.vpc)) {
      throw new OptionError('network.endpoints must be left out unless egress is endpoints, in a new VPC');
    }

    this.internet = egress === 'nat';
    const created = props.vpc === undefined;
    this.vpc = props.vpc ? importVpc(this, 'Vpc', props.vpc) : this.create(cidr, egress, natGateways);
    this.publicSubnets = this.vpc.publicSubnets;
    this.taskSubnets = created && !this.internet ? this.vpc.isolatedSubnets : this.vpc.privateSubnets;

    if (created) this.flowLogs(props.logKey, flowLogRetention);
    for (const subnet of created ? this.publicSubnets : []) {
      acknowledge(
        subnet,
        'VPCNoUnrestrictedRouteToIGW',
        'A public subnet is for the load balancer, and a NAT gateway where there is one; no task stands in it',
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
          services: toolEndpoints,
          trustedAccounts: props.trustedAccounts,
        });
    this.egressPeers = [securityGroup, Peer.prefixList(props.s3PrefixListId ?? '')];
    // The group stands for its rules, which let the tasks in.
    this.dependencies = [securityGroup, ...endpoints];
  }

  private create(cidr: string, egress: string, natGateways: number): Vpc {
    const nat = egress === 'nat';
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      natGateways: nat ? natGateways : 0,
      // The default security group is closed by CDK's custom resource: CloudFormation itself cannot remove the
      // rules EC2 puts there. Its function runs at deployment only and costs nothing measurable; its few lines go to
      // a log group that Lambda makes, without our key or a retention.
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
    assertMatches(
      'network.vpc.endpointSecurityGroupId',
      endpointSecurityGroupId,
      /^sg-[0-9a-f]{8,17}$/,
      'the security group of the interface endpoints (sg-…) with egress endpoints',
    );
    return SecurityGroup.fromSecurityGroupId(this, 'EndpointSecurityGroup', endpointSecurityGroupId);
  }
}
