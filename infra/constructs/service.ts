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
import { Construct, type IDependable } from 'constructs';
import { denyAllEgress } from '../lib/deny-all-egress.ts';

export interface ServiceProps {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly taskDefinition: FargateTaskDefinition;
  /** What tasks may reach, and on which TCP ports. Nothing else leaves them; DNS is the VPC's own resolver. */
  readonly egressPeers: readonly IPeer[];
  readonly egressPorts: readonly number[];
  /** What tasks need to start and to run that no reference tells CloudFormation: their way out, their permissions. */
  readonly dependencies: readonly IDependable[];
}

/** The tasks, kept running and replaced without a gap. There is no way in but the load balancer's. */
export class Service extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);

    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'MCP tasks: in from the load balancer, out to what the tools need',
      allowAllOutbound: false,
    });
    for (const peer of props.egressPeers) {
      for (const port of props.egressPorts) securityGroup.connections.allowTo(peer, Port.tcp(port));
    }

    if (!props.egressPeers.some((peer) => peer.canInlineRule)) denyAllEgress(securityGroup);

    // Its metrics are paid for (docs/cost.md); without those of each task FSBP ECS.12 is not met.
    const cluster = new Cluster(this, 'Cluster', {
      vpc: props.vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
    });
    // No desired count: it would undo the scaling at every deployment.
    this.service = new FargateService(this, 'Resource', {
      cluster,
      taskDefinition: props.taskDefinition,
      platformVersion: FargatePlatformVersion.LATEST,
      vpcSubnets: { subnets: props.subnets },
      assignPublicIp: false,
      securityGroups: [securityGroup],
      enableExecuteCommand: false,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      healthCheckGracePeriod: Duration.seconds(60),
      enableECSManagedTags: true,
      propagateTags: PropagatedTagSource.SERVICE,
    });
    // Of the group its rules, which are resources of their own.
    this.service.node.addDependency(securityGroup, ...props.dependencies);
  }
}
