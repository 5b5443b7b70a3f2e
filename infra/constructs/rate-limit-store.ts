import { type IConnectable, type ISubnet, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { denyCreateGrant } from '../lib/deny-create-grant.ts';
import { OptionError } from '../lib/option-error.ts';
import { oneOf, wholeNumber } from '../lib/option-types.ts';

export const rateLimitStoreOptions = z.strictObject({
  onFailure: oneOf('deny', 'allow')
    .default('deny')
    .describe('While the store is down: `deny` answers 503, `allow` lets each task count for itself.'),
  maxEcpuPerSecond: wholeNumber(1000, 1_000_000)
    .default(10_000)
    .describe(
      'ElastiCache processing units a second beyond which the store refuses; a call takes a few. It bounds the bill: ' +
        '10000 all month are about 60 USD.',
    ),
});

export interface RateLimitStoreProps extends z.output<typeof rateLimitStoreOptions> {
  readonly vpc: IVpc;
  /** Of the tasks, in two zones or more. */
  readonly subnets: readonly ISubnet[];
}

/** The protocol's port. That of replicas, 6380, stays closed: they lag behind, and a count that lags is none. */
export const STORE_PORT = 6379;

/**
 * What the one script of the service runs, on keys that begin as its own do (service/limits/valkey-script.ts). Without
 * commands of publish and subscribe no channel is open.
 */
export const STORE_ACCESS = 'on ~mcp:* -@all +eval +evalsha +time +lindex +lpush +ltrim +pexpire';

/**
 * Where tasks count together. It speaks TLS only and has no password: tasks sign in with their role, and a group of
 * users of Valkey has no default user, so nobody else does.
 *
 * It holds a minute of counts, under hashes of clients' ids, and outlives nothing: no snapshots, a key that goes with it.
 */
export class RateLimitStore extends Construct {
  /** ARN of the cache, which the service signs in to. */
  readonly cacheArn: string;
  /** `rediss://USER@HOST:PORT` */
  readonly url: string;
  /** The cache's host name. */
  readonly host: string;
  readonly onFailure: 'deny' | 'allow';
  /** What stands before tasks count: the cache, and who may reach it. */
  readonly dependencies: readonly IDependable[];
  private readonly userArn: string;
  private readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: RateLimitStoreProps) {
    super(scope, id);
    this.onFailure = props.onFailure;
    const { stackName } = Stack.of(this);
    // IAM asks for one text as id and name of the user, so none can be left to CloudFormation.
    const name = `${stackName.toLowerCase()}-limits`;
    if (!/^(?!.*(--|-$))[A-Za-z][A-Za-z0-9-]{0,32}$/.test(stackName)) {
      throw new OptionError(
        `the name of a stack with rateLimitStore must be 1 to 33 letters, digits and single hyphens, such as Mcp-prod, because ElastiCache takes 40 characters for a user; got ${JSON.stringify(stackName)}`,
      );
    }

    const key = new Key(this, 'Key', {
      description: `${stackName}: counts of the limits`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    denyCreateGrant(key);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Store of the limits: in from the tasks, nothing out',
      allowAllOutbound: false,
    });
    const user = new CfnUser(this, 'User', {
      engine: 'valkey',
      userId: name,
      userName: name,
      authenticationMode: { Type: 'iam' },
      accessString: STORE_ACCESS,
    });
    const users = new CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: name,
      userIds: [user.ref],
    });
    const cache = new CfnServerlessCache(this, 'Resource', {
      engine: 'valkey',
      majorEngineVersion: '8',
      serverlessCacheName: name,
      description: 'Counts of the limits, for all tasks together',
      kmsKeyId: key.keyArn,
      userGroupId: users.ref,
      // ElastiCache takes two or three.
      subnetIds: props.subnets.slice(0, 3).map(({ subnetId }) => subnetId),
      securityGroupIds: [this.securityGroup.securityGroupId],
      cacheUsageLimits: {
        // The least there is; three hundred thousand clients at the default limits.
        dataStorage: { maximum: 1, unit: 'GB' },
        ecpuPerSecond: { maximum: props.maxEcpuPerSecond },
      },
    });
    this.cacheArn = cache.attrArn;
    this.userArn = user.attrArn;
    this.host = cache.attrEndpointAddress;
    this.url = `rediss://${name}@${this.host}:${STORE_PORT}`;
    // The group stands for its rules.
    this.dependencies = [cache, this.securityGroup];
  }

  /** Lets the tasks in: their role signs in as the one user, their security group connects. */
  grantConnect(role: IRole, tasks: IConnectable): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'SignInToRateLimitStore',
        actions: ['elasticache:Connect'],
        resources: [this.cacheArn, this.userArn],
      }),
    );
    this.securityGroup.connections.allowFrom(tasks, Port.tcp(STORE_PORT));
  }
}
