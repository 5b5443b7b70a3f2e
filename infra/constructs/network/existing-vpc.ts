import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { problem } from '../../lib/option-error.ts';
import { listOf, text, zone } from '../../lib/option-types.ts';

/** For options that would move the stage to another VPC. */
export const CANNOT_MOVE =
  'a load balancer cannot leave its VPC; make a new stage, move the clients to it and delete this one';

const SUBNET_ID = text(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet (subnet-…)');

/**
 * An existing VPC. Its owner is responsible for flow logs, the default security group, endpoint policies and DNS
 * filtering: a DNS firewall of this stack would affect every other workload in it.
 */
export const existingVpcOptions = z
  .strictObject({
    vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC (vpc-…)')
      .describe('Id of the VPC, `vpc-…`.')
      .meta({ update: CANNOT_MOVE }),
    availabilityZones: listOf(zone(), { min: 2, max: 6 }).describe(
      'The zones of the subnets below, in their order, at least two.',
    ),
    publicSubnetIds: listOf(SUBNET_ID, { max: 6 })
      .default([])
      .describe(
        '`subnet-…`, one a zone, with a route to an internet gateway: for the load balancer. Left out with `edge.scheme` `internal`.',
      ),
    privateSubnetIds: listOf(SUBNET_ID, { max: 6 })
      .describe(
        '`subnet-…`, one a zone: for the tasks, and for an internal load balancer. Their routes must fit `egress`, and lead to the ' +
          'networks of the clients of an internal load balancer.',
      )
      .meta({
        update:
          'with `rateLimitStore`, whose cache has a fixed name and cannot change its subnets: remove the store, deploy, then change the subnets and add the store again. Without it, new tasks',
      }),
    endpointSecurityGroupId: text(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group (sg-…)')
      .optional()
      .meta({
        description:
          "`sg-…` of the VPC's interface endpoints, which gets an ingress rule for the tasks. Required with `endpoints`.",
        absent: 'none',
      }),
  })
  .superRefine((vpc, context) => {
    const zones = vpc.availabilityZones;
    for (const option of ['publicSubnetIds', 'privateSubnetIds'] as const) {
      const ids = vpc[option];
      // Whether there are public ones depends on the load balancer.
      if (option === 'publicSubnetIds' && ids.length === 0) continue;
      if (new Set(zones).size >= 2 && ids.length === zones.length) continue;
      const rule = `must name one subnet for each of at least two zones, got ${ids.length} for ${zones.length}`;
      context.addIssue(problem([option], rule));
    }
  });

export type ExistingVpc = z.output<typeof existingVpcOptions>;

/** Imports the VPC by its ids. Nothing is looked up, so only the form of the ids is checked. */
export function importVpc(scope: Construct, id: string, vpc: ExistingVpc): IVpc {
  const imported = Vpc.fromVpcAttributes(scope, id, {
    vpcId: vpc.vpcId,
    availabilityZones: [...vpc.availabilityZones],
    publicSubnetIds: [...vpc.publicSubnetIds],
    privateSubnetIds: [...vpc.privateSubnetIds],
  });
  Validations.of(imported).acknowledge({
    id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
    reason: 'This stack changes no route of an existing VPC',
  });
  return imported;
}
