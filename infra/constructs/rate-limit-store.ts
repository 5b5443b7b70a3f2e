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
    .describe('While the store is down: `deny` responds 503, `allow` lets each task count for itself.'),
  maxEcpuPerSecond: wholeNumber(1000, 1_000_000)
    .default(10_000)
    .describe(
      'ElastiCache processing units (ECPUs) a second, above which the store refuses; a call takes a few. This bounds the bill: ' +
        '10000 for a whole month cost about 60 USD.',
    ),
});

export interface RateLimitStoreProps extends z.output<typeof rateLimitStoreOptions> {
  readonly vpc: IVpc;
  /** Subnets of the tasks, in at least two zones. */
  readonly subnets: readonly ISubnet[];
}

/** The protocol's port. The replicas' port, 6380, stays closed: replicas lag behind, and counts must not. */
const STORE_PORT = 6379;

/**
 * Permissions for the commands of the service's one script, on keys with its prefix (service/limits/valkey-script.ts).
 * Without publish and subscribe commands no channel is open.
 */
const STORE_ACCESS = 'on ~mcp:* -@all +eval +evalsha +time +lindex +lpush +ltrim +pexpire';

/**
 * The cache in which tasks share their counts. It is TLS-only and has no password: tasks authenticate with their role,
 * and a Valkey user group has no default user, so no other identity can.
 *
 * It holds one minute of counts, under hashes of client ids. It takes no snapshots, and its key is deleted with it.
 */
export class RateLimitStore extends Construct {
  /** ARN of the cache, which the service authenticates to. */
  readonly cacheArn: string;
  /** `rediss://USER@HOST:PORT` */
  readonly url: string;
  /** The cache's host name. */
  readonly host: string;
  readonly onFailure: 'deny' | 'allow';
  /** Resources that must exist before tasks count: the cache and its ingress rules. */
  readonly dependencies: readonly IDependable[];
  private readonly userArn: string;
  private readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: RateLimitStoreProps) {
    super(scope, id);
    this.onFailure = props.onFailure;
    const { stackName } = Stack.of(this);
    // IAM authentication requires the same id and name for the user, so CloudFormation cannot generate one.
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
      description: 'Rate limit store: ingress from the tasks, no egress',
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
        // The minimum; enough for three hundred thousand clients at the default limits.
        dataStorage: { maximum: 1, unit: 'GB' },
        ecpuPerSecond: { maximum: props.maxEcpuPerSecond },
      },
    });
    this.cacheArn = cache.attrArn;
    this.userArn = user.attrArn;
    this.host = cache.attrEndpointAddress;
    this.url = `rediss://${name}@${this.host}:${STORE_PORT}`;
    // A dependency on the group includes its rules.
    this.dependencies = [cache, this.securityGroup];
  }

  /**
   * Allows the tasks to connect: their role authenticates as the only user, their security group gets ingress. Connect names
   * the cache and the user, as in the ElastiCache user guide ("Authenticating with IAM").
   */
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
