import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { holdsData, identityOf, isDeletedFirst, type Resources, referenced } from './identity.ts';

/** A stage as CloudFormation knows it. */
export interface Deployed {
  readonly region: string;
  readonly stackName: string;
  readonly template: { readonly Resources: Resources };
}

/** The effect of an update on a running stage. Types are without `AWS::`, and each list is sorted. */
export interface Effect {
  /** Whether ECS starts new tasks and stops the old ones. */
  readonly newTasks: boolean;
  /** Types of the resources that are replaced, task definitions apart. */
  readonly replaced: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** A sentence for each reason why AWS refuses the update, or leaves the old setting in force. */
  readonly refused: readonly string[];
  /** A sentence for each resource that holds data and is replaced or removed. */
  readonly lost: readonly string[];
}

/** Properties of a service that start a deployment: UpdateService in the API reference of ECS states it for each. */
const STARTS_DEPLOYMENT: ReadonlySet<string> = new Set([
  'LaunchType',
  'LoadBalancers',
  'NetworkConfiguration',
  'PlatformVersion',
  'ServiceConnectConfiguration',
  'ServiceRegistries',
  'TaskDefinition',
  'VolumeConfigurations',
  'VpcLatticeConfigurations',
]);

/**
 * Properties that an update resets when the template no longer has them. Others are not known to be reset: ModifyListener
 * leaves mutual TLS on, for one.
 */
const RESET_WHEN_REMOVED: ReadonlySet<string> = new Set([
  // DeleteFunctionConcurrency is among the update permissions of the type in CloudFormation's registry.
  'AWS::Lambda::Function.ReservedConcurrentExecutions',
]);

/** Compares two states of a stage as `cdk diff` does, and adds what AWS would refuse and what would be lost. */
export function effectOf(before: Deployed, after: Deployed): Effect {
  const changes = new Map<string, ResourceDifference>();
  fullDiff(before.template, after.template).resources.forEachDifference((id, change) => {
    changes.set(id, change);
  });
  const idsOf = (...impacts: ResourceImpact[]) =>
    [...changes].filter(([, change]) => impacts.includes(change.changeImpact)).map(([id]) => id);
  const update: Update = {
    old: before.template.Resources,
    current: after.template.Resources,
    // A replacement that depends on the values counts as one: no stage may rely on the better case.
    replaced: new Set(idsOf(ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE)),
    added: idsOf(ResourceImpact.WILL_CREATE),
    removed: idsOf(ResourceImpact.WILL_DESTROY, ResourceImpact.WILL_ORPHAN),
  };
  const others = (['region', 'stackName'] as const).filter((name) => before[name] !== after[name]);
  return {
    newTasks: [...changes.values()].some(startsTasks),
    replaced: typesOf(update.replaced, update.old).filter((type) => type !== 'ECS::TaskDefinition'),
    added: typesOf(update.added, update.current),
    removed: typesOf(update.removed, update.old),
    refused: [
      ...others.map((name) => `with another ${name} it is another stack`),
      ...collisions(update),
      ...movedLoadBalancers(update),
      ...sharedTargetGroups(update),
      ...[...changes].flatMap(([id, change]) => settingsLeft(id, change)),
    ].sort(),
    lost: losses(update),
  };
}

interface Update {
  readonly old: Resources;
  readonly current: Resources;
  readonly replaced: ReadonlySet<string>;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

function typesOf(ids: Iterable<string>, resources: Resources): string[] {
  return [...new Set([...ids].map((id) => shortType(resources[id]?.Type ?? '')))].sort();
}

function shortType(type: string): string {
  return type.replace(/^AWS::/, '');
}

/** Whether ECS deploys: a service with other settings, or another revision of the task definition. Tags make no revision. */
function startsTasks(change: ResourceDifference): boolean {
  if (change.isAddition || change.isRemoval) return false;
  if (change.resourceType === 'AWS::ECS::TaskDefinition') {
    return change.changeImpact === ResourceImpact.WILL_REPLACE;
  }
  return (
    change.resourceType === 'AWS::ECS::Service' &&
    Object.keys(change.propertyUpdates).some((name) => STARTS_DEPLOYMENT.has(name))
  );
}

/** New resources that would exist beside an old one of the same name or place: CloudFormation deletes last. */
function collisions({ old, current, replaced, added, removed }: Update): string[] {
  const owners = new Map<string, string>();
  for (const id of [...replaced, ...removed]) {
    const identity = old[id] && identityOf(old[id]);
    if (identity !== undefined) owners.set(identity, id);
  }
  return [...replaced, ...added].flatMap((id) => {
    const resource = current[id];
    const owner = owners.get((resource && identityOf(resource, replaced)) ?? '');
    if (!resource || owner === undefined) return [];
    if (owner === id && isDeletedFirst(resource.Type)) return [];
    const of = owner === id ? 'itself' : owner;
    return [`${shortType(resource.Type)} ${id} would be created beside ${of}, of the same name or place`];
  });
}

/**
 * Load balancers whose security groups are in another VPC after the update. CloudFormation calls SetSecurityGroups and
 * SetSubnets, which take only those of the load balancer's VPC; the schema database calls both properties updatable.
 */
function movedLoadBalancers({ old, current, replaced }: Update): string[] {
  return Object.entries(old).flatMap(([id, { Type }]) => {
    if (Type !== 'AWS::ElasticLoadBalancingV2::LoadBalancer' || replaced.has(id) || !current[id]) return [];
    const moves = vpcOf(old, id, new Set()) !== vpcOf(current, id, replaced);
    return moves ? [`${shortType(Type)} ${id} cannot move to another VPC`] : [];
  });
}

/**
 * Target groups that stay while their load balancer is replaced. CloudFormation attaches them to the new one before it deletes
 * the old one, and a target group takes one load balancer: aws-cloudformation/cloudformation-coverage-roadmap#780.
 */
function sharedTargetGroups({ old, current, replaced }: Update): string[] {
  const idsOf = (type: string) =>
    Object.keys(old).filter((id) => old[id]?.Type === `AWS::ElasticLoadBalancingV2::${type}` && current[id]);
  const kept = idsOf('TargetGroup').filter((id) => !replaced.has(id));
  return idsOf('LoadBalancer')
    .filter((id) => replaced.has(id))
    .flatMap((balancer) =>
      kept.map(
        (id) =>
          `ElasticLoadBalancingV2::TargetGroup ${id} would belong to the old ${balancer} and the new one`,
      ),
    );
}

function vpcOf(resources: Resources, loadBalancer: string, replaced: ReadonlySet<string>): string {
  const [group] = (resources[loadBalancer]?.Properties?.['SecurityGroups'] ?? []) as unknown[];
  const vpc = resources[referenced(group) ?? '']?.Properties?.['VpcId'];
  return JSON.stringify([vpc, replaced.has(referenced(vpc) ?? '')]);
}

function settingsLeft(id: string, change: ResourceDifference): string[] {
  if (change.changeImpact !== ResourceImpact.WILL_UPDATE) return [];
  const { resourceType = '' } = change;
  return Object.keys(change.propertyUpdates)
    .filter((name) => change.newProperties?.[name] === undefined)
    .filter((name) => !RESET_WHEN_REMOVED.has(`${resourceType}.${name}`))
    .map((name) => `${shortType(resourceType)} ${id} may keep ${name}, which the template no longer has`);
}

function losses({ old, replaced, removed }: Update): string[] {
  return [...replaced, ...removed]
    .filter((id) => holdsData(old[id]?.Type ?? ''))
    .map((id) => {
      const { Type = '', DeletionPolicy, UpdateReplacePolicy } = old[id] ?? {};
      const policy = replaced.has(id) ? UpdateReplacePolicy : DeletionPolicy;
      const fate = policy?.startsWith('Retain') ? 'stays outside of the stack' : 'is deleted';
      return `${shortType(Type)} ${id} ${fate}${replaced.has(id) ? '; the stack gets a new one' : ''}`;
    })
    .sort();
}
