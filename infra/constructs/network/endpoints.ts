import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type ISubnet,
  type IVpc,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Aws, Stack } from 'aws-cdk-lib/core';
import type { Construct, IDependable } from 'constructs';
import { PULL } from '../../lib/ecr.ts';
import type { Rights } from './action-services.ts';
import { GATEWAY_SERVICES } from './endpoint-services.ts';

export interface Endpoints {
  /** The group of the interface endpoints, without ingress rules yet. */
  readonly securityGroup: SecurityGroup;
  readonly endpoints: readonly IDependable[];
}

/** Ids of other accounts that own what a stage names; the policy of an endpoint allows those that its service needs. */
export interface TrustedAccounts {
  /** Owners of images that tasks pull: the stage's own, and GuardDuty's agent. */
  readonly images: readonly string[];
  /** Owners of secrets that exist. */
  readonly secrets: readonly string[];
}

export interface EndpointsProps {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  /** Service names without their prefix, such as `sqs`; `s3` and `dynamodb` have gateway endpoints. */
  readonly services: readonly string[];
  /** Rights of the tools, by service. */
  readonly rights: ReadonlyMap<string, readonly Rights[]>;
  readonly trustedAccounts: TrustedAccounts;
}

const GATEWAYS: readonly string[] = GATEWAY_SERVICES;

interface BaseEndpoint {
  readonly service: string;
  readonly actions: string[];
  /** The accounts, other than ours, whose resources the service is asked for. */
  readonly owners?: keyof TrustedAccounts;
}

/** Services that ECS needs to start a task and that the service calls, by construct id. */
const BASE: Readonly<Record<string, BaseEndpoint>> = {
  EcrApi: { service: 'ecr.api', actions: PULL, owners: 'images' },
  EcrDocker: { service: 'ecr.dkr', actions: PULL, owners: 'images' },
  Logs: { service: 'logs', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
  SecretsManager: {
    service: 'secretsmanager',
    actions: ['secretsmanager:GetSecretValue'],
    owners: 'secrets',
  },
};

/**
 * Creates endpoints for AWS services, so that no internet route is needed: those that ECS needs to start a task, those
 * that the service calls, and those that a fork's tools call. Each endpoint policy allows only its purpose, by this
 * account's identities, to this account's resources, and to an image or a secret of the account that owns it:
 * credentials of another account cannot be used to move data out.
 */
export function createEndpoints(scope: Construct, props: EndpointsProps): Endpoints {
  const { vpc, subnets } = props;
  const securityGroup = new SecurityGroup(scope, 'EndpointSecurityGroup', {
    vpc,
    description: 'Interface endpoints: HTTPS from the tasks',
    allowAllOutbound: false,
  });
  const base = Object.entries(BASE).map(([id, endpoint]) => ({
    id,
    service: endpoint.service,
    statements: baseStatements(endpoint, props.trustedAccounts),
  }));
  const tools = [...new Set([...props.services, ...props.rights.keys()])]
    .filter((service) => !GATEWAYS.includes(service) && !base.some((other) => other.service === service))
    .map((service) => ({ id: `Tool-${service}`, service, statements: [] }));
  const endpoints: IDependable[] = [...base, ...tools].map(({ id, service, statements }) => {
    const endpoint = vpc.addInterfaceEndpoint(id, {
      service: new InterfaceVpcEndpointAwsService(service),
      subnets: { subnets },
      securityGroups: [securityGroup],
      open: false,
    });
    const forTools = props.services.includes(service)
      ? toolStatements()
      : rightStatements(props.rights.get(service));
    for (const statement of [...statements, ...forTools]) endpoint.addToPolicy(statement);
    return endpoint;
  });
  const s3 = vpc.addGatewayEndpoint('S3', {
    service: GatewayVpcEndpointAwsService.S3,
    subnets: [{ subnets }],
  });
  // Layers come from URLs that ECR signed; the bucket belongs to the region and is run by ECR.
  const layers = `arn:${Aws.PARTITION}:s3:::prod-${Stack.of(scope).region}-starport-layer-bucket/*`;
  s3.addToPolicy(allow(['s3:GetObject'], {}, layers));
  for (const statement of gatewayStatements(props, 's3')) s3.addToPolicy(statement);
  const forTables = gatewayStatements(props, 'dynamodb');
  if (forTables.length === 0) return { securityGroup, endpoints: [...endpoints, s3] };
  const dynamodb = vpc.addGatewayEndpoint('DynamoDb', {
    service: GatewayVpcEndpointAwsService.DYNAMODB,
    subnets: [{ subnets }],
  });
  for (const statement of forTables) dynamodb.addToPolicy(statement);
  return { securityGroup, endpoints: [...endpoints, s3, dynamodb] };
}

/** Rights of tools through a gateway: those that they state, or any on resources of this account. */
function gatewayStatements(
  { services, rights }: EndpointsProps,
  service: (typeof GATEWAY_SERVICES)[number],
): PolicyStatement[] {
  if (!services.includes(service)) return rightStatements(rights.get(service));
  return [allow([`${service}:*`], { ...OUR_IDENTITIES, ...OUR_RESOURCES })];
}

/** Exactly the rights of the tools, for this account's identities. The resources may belong to another account. */
function rightStatements(rights: readonly Rights[] = []): PolicyStatement[] {
  return rights.map(({ actions, resources }) => allow([...actions], OUR_IDENTITIES, ...resources));
}

/** Accounts that own the named resources: an ECR image by name, other resources by ARN. */
export function accountsOf(...names: readonly (string | undefined)[]): string[] {
  const account = /^(?:arn:[\w-]+:[\w-]+:[\w-]*:)?(\d{12})[.:]/;
  return [...new Set(names.flatMap((name) => account.exec(name ?? '')?.[1] ?? []))];
}

const OUR_IDENTITIES = { 'aws:PrincipalAccount': Aws.ACCOUNT_ID };
const OUR_RESOURCES = { 'aws:ResourceAccount': Aws.ACCOUNT_ID };

function baseStatements({ service, actions, owners }: BaseEndpoint, trustedAccounts: TrustedAccounts) {
  const others = owners ? trustedAccounts[owners] : [];
  const resources = { 'aws:ResourceAccount': [Aws.ACCOUNT_ID, ...others] };
  const token = service.startsWith('ecr.') ? [allow(['ecr:GetAuthorizationToken'], OUR_IDENTITIES)] : [];
  return [allow(actions, { ...OUR_IDENTITIES, ...resources }), ...token];
}

/**
 * Allows this account's identities to call any resource, because the policy of the task's role names each resource, and
 * some belong to no account (a foundation model). Allows any caller to call this account's resources, because a private API
 * responds without credentials.
 */
function toolStatements(): PolicyStatement[] {
  return [allow(['*'], OUR_IDENTITIES), allow(['*'], OUR_RESOURCES)];
}

function allow(
  actions: string[],
  equals: Record<string, unknown>,
  ...resources: readonly string[]
): PolicyStatement {
  const conditions = Object.keys(equals).length > 0 ? { StringEquals: equals } : undefined;
  return new PolicyStatement({
    principals: [new AnyPrincipal()],
    actions,
    resources: resources.length > 0 ? [...resources] : ['*'],
    conditions,
  });
}
