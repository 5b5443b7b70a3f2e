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

export interface Endpoints {
  /** The group of the interface endpoints, which nothing may enter yet. */
  readonly securityGroup: SecurityGroup;
  readonly endpoints: readonly IDependable[];
}

/**
 * Makes the way to AWS services without a route: what ECS needs to start a task, what the service calls, and what a
 * fork's tools call besides.
 *
 * @param services last parts of the names of more interface endpoints, such as `sqs`.
 */
export function createEndpoints(
  scope: Construct,
  vpc: IVpc,
  subnets: ISubnet[],
  services: readonly string[],
): Endpoints {
  const securityGroup = new SecurityGroup(scope, 'EndpointSecurityGroup', {
    vpc,
    description: 'Interface endpoints: HTTPS from the tasks',
    allowAllOutbound: false,
  });
  const interfaces = {
    EcrApi: InterfaceVpcEndpointAwsService.ECR,
    EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
    Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    ...Object.fromEntries(services.map((name) => [`Tool-${name}`, new InterfaceVpcEndpointAwsService(name)])),
  };
  const endpoints: IDependable[] = Object.entries(interfaces).map(([name, service]) =>
    vpc.addInterfaceEndpoint(name, {
      service,
      subnets: { subnets },
      securityGroups: [securityGroup],
      open: false,
    }),
  );
  // Image layers are all a task takes from S3; the bucket is the region's own, run by ECR.
  const s3 = vpc.addGatewayEndpoint('S3', {
    service: GatewayVpcEndpointAwsService.S3,
    subnets: [{ subnets }],
  });
  s3.addToPolicy(
    new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions: ['s3:GetObject'],
      resources: [`arn:${Aws.PARTITION}:s3:::prod-${Stack.of(scope).region}-starport-layer-bucket/*`],
    }),
  );
  return { securityGroup, endpoints: [...endpoints, s3] };
}
