import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { assertMatches, NOTHING, OptionError } from '../../lib/validation.ts';

/**
 * A VPC that exists. Its owner keeps its flow logs, closes its default security group, writes the policies of its
 * endpoints, and decides which names resolve: a DNS firewall of ours would bind every other workload in it.
 */
export interface ExistingVpc {
  /** `vpc-…` */
  readonly vpcId: string;
  /** The zones of the subnets below, in their order, at least two. */
  readonly availabilityZones: readonly string[];
  /** `subnet-…`, one a zone, with a route to an internet gateway: for the load balancer. */
  readonly publicSubnetIds: readonly string[];
  /** `subnet-…`, one a zone: for the tasks. Their routes must fit `egress`. */
  readonly privateSubnetIds: readonly string[];
  /**
   * `sg-…` of the VPC's interface endpoints, which gets an ingress rule for the tasks. Required with `endpoints`.
   *
   * @default - none
   */
  readonly endpointSecurityGroupId?: string;
}

/** Imports the VPC by its ids; nothing is looked up, so nothing but their form can be checked. */
export function importVpc(scope: Construct, id: string, vpc: ExistingVpc): IVpc {
  const zones = vpc.availabilityZones;
  assertMatches('network.vpc.vpcId', vpc.vpcId, /^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC (vpc-…)');
  for (const option of ['publicSubnetIds', 'privateSubnetIds'] as const) {
    const ids = vpc[option];
    if (new Set(zones).size < 2 || ids.length !== zones.length) {
      throw new OptionError(
        `network.vpc.${option} must name one subnet for each of at least two zones, got ${ids.length} for ${zones.length}`,
      );
    }
    for (const subnetId of ids) {
      assertMatches(
        `network.vpc.${option}`,
        subnetId,
        /^subnet-[0-9a-f]{8,17}$/,
        'ids of subnets (subnet-…)',
      );
    }
  }
  const { region } = Stack.of(scope);
  for (const zone of zones) {
    if (!zone.startsWith(region)) {
      assertMatches('network.vpc.availabilityZones', zone, NOTHING, `zones of the stage's region, ${region}`);
    }
  }
  const imported = Vpc.fromVpcAttributes(scope, id, {
    vpcId: vpc.vpcId,
    availabilityZones: [...zones],
    publicSubnetIds: [...vpc.publicSubnetIds],
    privateSubnetIds: [...vpc.privateSubnetIds],
  });
  Validations.of(imported).acknowledge({
    id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
    reason: 'Nothing here changes a route of a VPC that belongs to somebody else',
  });
  return imported;
}
