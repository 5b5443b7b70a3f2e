import { CfnWaitConditionHandle } from 'aws-cdk-lib/core';
import type { Construct, IConstruct, IDependable } from 'constructs';

/**
 * Makes CloudFormation create some resources only after others, and delete them before these.
 *
 * The barrier between them is a resource that does nothing and costs nothing. Without it, each of the later resources would
 * list all of the earlier ones, and every change of the list would show as a change of the load balancer.
 *
 * @param before resources, or constructs with all their resources; the absent ones are skipped
 * @param after none of them may be needed by one of the others
 */
export function createAfter(
  scope: Construct,
  id: string,
  before: readonly (IDependable | undefined)[],
  after: readonly (IConstruct | undefined)[],
): void {
  const barrier = new CfnWaitConditionHandle(scope, id);
  barrier.node.addDependency(...before.flatMap((part) => part ?? []));
  for (const part of after) (part?.node.defaultChild ?? part)?.node.addDependency(barrier);
}
