// The lookup of the library's own diff, which loads the schema database once.
import { loadResourceModel } from '@aws-cdk/cloudformation-diff/lib/diff/util.js';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
export type Resources = Readonly<Record<string, Resource>>;

/**
 * Types that hold what no deployment brings back, besides those that the schema database calls stateful (buckets, keys, log
 * groups, secrets).
 */
const HOLDERS: ReadonlySet<string> = new Set([
  // An address that other companies may have on a list of allowed ones.
  'AWS::EC2::EIP',
  // Its peerings and the load balancer, which cannot leave it.
  'AWS::EC2::VPC',
  'AWS::ElastiCache::ServerlessCache',
  // Its DNS name, to which records outside of the stack point.
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  // The name to which clients connect.
  'AWS::Route53::RecordSet',
  // Subscriptions that a person confirmed.
  'AWS::SNS::Topic',
]);

/**
 * Properties of which two resources may not have the same values at once, where the type's primary identifier does not say
 * it. CloudFormation creates before it deletes, so a replacement with the same values is refused, or deletes what it has
 * just made.
 */
const UNIQUE: Readonly<Record<string, readonly string[]>> = {
  // PutScalingPolicy updates the policy of this name, and the deletion of the old one then deletes it.
  'AWS::ApplicationAutoScaling::ScalingPolicy': ['PolicyName', 'ScalingTargetId'],
  // "The name must be unique within an account": Budget in the API reference of AWS Budgets.
  'AWS::Budgets::Budget': ['Budget.BudgetName'],
  // Resource.AlreadyAssociated in the error codes of EC2.
  'AWS::EC2::NatGateway': ['AllocationId'],
  // FlowLogAlreadyExists, RouteAlreadyExists and Resource.AlreadyAssociated, likewise.
  'AWS::EC2::FlowLog': ['ResourceId', 'LogGroupName', 'TrafficType'],
  'AWS::EC2::Route': ['RouteTableId', 'DestinationCidrBlock'],
  'AWS::EC2::SubnetRouteTableAssociation': ['SubnetId'],
  // InvalidSubnet.Conflict, likewise.
  'AWS::EC2::Subnet': ['VpcId', 'CidrBlock'],
  // An interface endpoint's private DNS name, and the route of a gateway endpoint, exist once in a VPC.
  'AWS::EC2::VPCEndpoint': ['VpcId', 'ServiceName'],
  'AWS::EC2::VPCGatewayAttachment': ['VpcId'],
  // DuplicateListener, PriorityInUse and DuplicateTrustStoreName in the API reference of Elastic Load Balancing.
  'AWS::ElasticLoadBalancingV2::Listener': ['LoadBalancerArn', 'Port'],
  'AWS::ElasticLoadBalancingV2::ListenerRule': ['ListenerArn', 'Priority'],
  'AWS::ElasticLoadBalancingV2::TrustStore': ['Name'],
  'AWS::Route53::RecordSet': ['HostedZoneId', 'Name', 'Type'],
  // "The setting must be unique" for each association of a VPC: AssociateFirewallRuleGroup in the API reference.
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': ['VpcId', 'Priority'],
  // ResourceExistsException: AssociateResolverQueryLogConfig in the API reference. One for each VPC.
  'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation': ['ResourceId'],
  'AWS::SecretsManager::ResourcePolicy': ['SecretId'],
  'AWS::SecretsManager::RotationSchedule': ['SecretId'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::WAFv2::IPSet': ['Name', 'Scope'],
  'AWS::WAFv2::WebACL': ['Name', 'Scope'],
  // One for each load balancer. The deletion of the old association removes the new one: pulumi/pulumi-aws#4782.
  'AWS::WAFv2::WebACLAssociation': ['ResourceArn'],
};

/** Types with `replacementStrategy: delete_then_create` in CloudFormation's registry, which the schema database leaves out. */
const DELETED_FIRST: ReadonlySet<string> = new Set([
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::SubscriptionFilter',
]);

/** Whether resources of this type hold data, or settings that a person made. */
export function holdsData(type: string): boolean {
  return HOLDERS.has(type) || loadResourceModel(type)?.isStateful === true;
}

/** Whether CloudFormation deletes the old resource before it creates its replacement. */
export function isDeletedFirst(type: string): boolean {
  return DELETED_FIRST.has(type);
}

/**
 * The type with the values that only one resource may have, or undefined if AWS gives the resource a name of its own.
 *
 * @param replaced ids of resources that get new physical names; a reference to one of them counts as another value
 */
export function identityOf(
  resource: Resource,
  replaced: ReadonlySet<string> = new Set(),
): string | undefined {
  const { Type, Properties = {} } = resource;
  const names = UNIQUE[Type] ?? loadResourceModel(Type)?.primaryIdentifier ?? [];
  const values = names.map((name) => valueAt(Properties, name));
  if (values.length === 0 || values.includes(undefined)) return undefined;
  return [Type, ...values.map((value) => textOf(value, replaced))].join(' ');
}

function valueAt(properties: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], properties);
}

/** A value with the logical id in place of each reference. */
function textOf(value: unknown, replaced: ReadonlySet<string>): string {
  const text = JSON.stringify(value, (_key, inner) => {
    const id = referenced(inner);
    return id === undefined ? inner : `${id}${replaced.has(id) ? ' (replaced)' : ''}`;
  });
  return text.replace(/^"(.*)"$/, '$1');
}

/** The logical id that a `Ref` or `Fn::GetAtt` names. */
export function referenced(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? attribute?.[0];
}
