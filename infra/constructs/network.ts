import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
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
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type ExistingVpc, importVpc } from '../lib/existing-vpc.ts';
import { assertMatches, assertOneOf, assertWithin, retention } from '../lib/validation.ts';

export interface NetworkOptions {
  /**
   * How tasks leave their subnets. `nat`: NAT gateways. `endpoints`: no internet route at all, AWS services by
   * interface endpoints; the scrape tools then reach nothing, it is for a fork whose tools call AWS only.
   *
   * @default 'nat'
   */
  readonly egress?: 'nat' | 'endpoints';
  /** NAT gateways, 1–2; one gateway is one zone's failure for both zones. Only with `nat`. @default 2 */
  readonly natGateways?: number;
  /** Address range of the VPC, /16 to /24. @default '10.0.0.0/16' */
  readonly cidr?: string;
  /**
   * Managed prefix list of S3 in the region, `pl-…`; required with `endpoints` because image layers come from S3.
   * `aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.REGION.s3`
   *
   * @default - none
   */
  readonly s3PrefixListId?: string;
  /** Days the flow logs are kept, a value CloudWatch Logs accepts. @default 90 */
  readonly flowLogRetentionDays?: number;
  /** A VPC that exists; `cidr`, `natGateways` and `flowLogRetentionDays` then do not apply. @default - a new VPC */
  readonly vpc?: ExistingVpc;
}

export interface NetworkProps extends NetworkOptions {
  /** Encrypts the flow logs. */
  readonly logKey: IKey;
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

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const egress = props.egress ?? 'nat';
    const natGateways = props.natGateways ?? 2;
    const cidr = props.cidr ?? '10.0.0.0/16';
    const flowLogRetention = retention('flowLogRetentionDays', props.flowLogRetentionDays ?? 90);
    assertOneOf('egress', egress, ['nat', 'endpoints']);
    assertWithin('natGateways', natGateways, 1, 2);
    assertMatches('cidr', cidr, /^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2[0-4])$/, 'an IPv4 range from /16 to /24');
    if (egress === 'endpoints') {
      assertMatches(
        's3PrefixListId',
        props.s3PrefixListId ?? '',
        /^pl-[0-9a-f]{8,17}$/,
        "the region's S3 prefix list (pl-…) with egress endpoints",
      );
      if (props.vpc) {
        assertMatches(
          'vpc.endpointSecurityGroupId',
          props.vpc.endpointSecurityGroupId ?? '',
          /^sg-[0-9a-f]{8,17}$/,
          'the security group of the interface endpoints (sg-…) with egress endpoints',
        );
      }
    }

    this.internet = egress === 'nat';
    const created = props.vpc === undefined;
    this.vpc = props.vpc ? importVpc(this, 'Vpc', props.vpc) : this.create(cidr, egress, natGateways);
    this.publicSubnets = this.vpc.publicSubnets;
    this.taskSubnets = created && !this.internet ? this.vpc.isolatedSubnets : this.vpc.privateSubnets;

    if (created) this.flowLogs(props.logKey, flowLogRetention);
    this.egressPeers = this.internet
      ? [Peer.anyIpv4()]
      : [this.endpoints(props.vpc?.endpointSecurityGroupId), Peer.prefixList(props.s3PrefixListId ?? '')];
  }

  private create(cidr: string, egress: string, natGateways: number): Vpc {
    const nat = egress === 'nat';
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      natGateways: nat ? natGateways : 0,
      // The default security group is closed by CDK's custom resource: CloudFormation itself cannot remove the
      // rules EC2 puts there. Its function runs at deployment only and costs nothing measurable.
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
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.ALL,
    });
  }

  /** The way to AWS services without a route: what a task calls, and what ECS needs to start it. */
  private endpoints(existingSecurityGroupId: string | undefined): ISecurityGroup {
    if (existingSecurityGroupId !== undefined) {
      return SecurityGroup.fromSecurityGroupId(this, 'EndpointSecurityGroup', existingSecurityGroupId);
    }
    const securityGroup = new SecurityGroup(this, 'EndpointSecurityGroup', {
      vpc: this.vpc,
      description: 'Interface endpoints: HTTPS from the tasks',
      allowAllOutbound: false,
    });
    const services = {
      EcrApi: InterfaceVpcEndpointAwsService.ECR,
      EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
      Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    };
    for (const [name, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        subnets: { subnets: this.taskSubnets },
        securityGroups: [securityGroup],
        open: false,
      });
    }
    // Image layers are all a task takes from S3; the bucket is the region's own, run by ECR.
    this.vpc
      .addGatewayEndpoint('S3', {
        service: GatewayVpcEndpointAwsService.S3,
        subnets: [{ subnets: this.taskSubnets }],
      })
      .addToPolicy(
        new PolicyStatement({
          principals: [new AnyPrincipal()],
          actions: ['s3:GetObject'],
          resources: [`arn:${Aws.PARTITION}:s3:::prod-${Stack.of(this).region}-starport-layer-bucket/*`],
        }),
      );
    return securityGroup;
  }
}
