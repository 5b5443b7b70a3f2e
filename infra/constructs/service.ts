import { type IPeer, type ISubnet, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  Cluster,
  ContainerInsights,
  FargatePlatformVersion,
  FargateService,
  type FargateTaskDefinition,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { closeEgress } from '../lib/closed-egress.ts';

export interface ServiceProps {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly taskDefinition: FargateTaskDefinition;
  /** What tasks may reach, and on which TCP ports. Nothing else leaves them; DNS is the VPC's own resolver. */
  readonly egressPeers: readonly IPeer[];
  readonly egressPorts: readonly number[];
}

/** The tasks, kept running and replaced without a gap. There is no way in but the load balancer's. */
export class Service extends Construct {
  readonly cluster: Cluster;
  readonly service: FargateService;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);

    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'MCP tasks: in from the load balancer, out to what the tools need',
      allowAllOutbound: false,
    });
    for (const peer of props.egressPeers) {
      for (const port of props.egressPorts) this.securityGroup.connections.allowTo(peer, Port.tcp(port));
    }

    if (!props.egressPeers.some((peer) => peer.canInlineRule)) closeEgress(this.securityGroup);

    this.cluster = new Cluster(this, 'Cluster', {
      vpc: props.vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
    });
    // No desired count: it would undo the scaling at every deployment.
    this.service = new FargateService(this, 'Resource', {
      cluster: this.cluster,
      taskDefinition: props.taskDefinition,
      platformVersion: FargatePlatformVersion.LATEST,
      vpcSubnets: { subnets: props.subnets },
      assignPublicIp: false,
      securityGroups: [this.securityGroup],
      enableExecuteCommand: false,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      healthCheckGracePeriod: Duration.seconds(60),
      enableECSManagedTags: true,
      propagateTags: PropagatedTagSource.SERVICE,
    });
  }
}
