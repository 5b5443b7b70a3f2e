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
import { Duration, Tags } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import { denyAllEgress } from '../lib/deny-all-egress.ts';

export interface ServiceProps {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly taskDefinition: FargateTaskDefinition;
  /** Destinations and TCP ports that tasks may reach. All other egress is denied; DNS uses the VPC's resolver. */
  readonly egressPeers: readonly IPeer[];
  readonly egressPorts: readonly number[];
  /** Further destinations, in the owner's own network, and their TCP ports. */
  readonly internal: { readonly peers: readonly IPeer[]; readonly ports: readonly number[] };
  /** Resources that tasks need but do not reference, so CloudFormation cannot infer them: egress and permissions. */
  readonly dependencies: readonly IDependable[];
  /** Whether GuardDuty Runtime Monitoring may run its agent beside each task. */
  readonly runtimeMonitoring: boolean;
}

/** The tasks, kept running and replaced without downtime. The only ingress is from the load balancer. */
export class Service extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);

    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'MCP tasks: ingress from the load balancer, egress for the tools',
      allowAllOutbound: false,
    });
    for (const peer of props.egressPeers) {
      for (const port of props.egressPorts) securityGroup.connections.allowTo(peer, Port.tcp(port));
    }

    for (const peer of props.internal.peers) {
      for (const port of props.internal.ports) securityGroup.connections.allowTo(peer, Port.tcp(port));
    }

    const inlined = [...props.egressPeers, ...props.internal.peers].some((peer) => peer.canInlineRule);
    if (!inlined) denyAllEgress(securityGroup);

    // Container Insights costs money (docs/cost.md), but FSBP ECS.12 requires it.
    const cluster = new Cluster(this, 'Cluster', {
      vpc: props.vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
    });
    // GuardDuty reads this tag: `false` excludes the cluster also where Runtime Monitoring is on for the whole account. Its
    // agent would be cut off by the DNS firewall, and each attempt to resolve a name would page.
    Tags.of(cluster).add('GuardDutyManaged', String(props.runtimeMonitoring));
    // No desired count: it would reset the scaling at every deployment.
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
    // Depends on the group's rules, which are separate resources.
    this.service.node.addDependency(securityGroup, ...props.dependencies);
  }
}
