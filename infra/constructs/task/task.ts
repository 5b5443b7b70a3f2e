import { X509Certificate } from 'node:crypto';
import {
  AwsLogDriverMode,
  Capability,
  type ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
  UlimitName,
  VersionConsistency,
} from 'aws-cdk-lib/aws-ecs';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { DEPLOYED_PORT, HEALTH_PATH } from '../../../service/environment/bounds.ts';
import { PULL } from '../../lib/ecr.ts';
import { grantRead } from '../../lib/grant-read.ts';
import { problem } from '../../lib/option-error.ts';
import { judged, listOf } from '../../lib/option-types.ts';
import { addPackedPolicies } from '../../lib/packed-policies.ts';
import { ServiceRole } from '../../lib/service-role.ts';
import {
  AUDIT_KEY_VARIABLE,
  type TaskRateLimitStore,
  type TaskTool,
  taskEnvironment,
  taskEnvironmentOptions,
} from '../../lib/task-environment.ts';
import { TIMEOUTS } from '../../lib/timeouts.ts';
import { CPU_UNITS, memoryRule } from './fargate-size.ts';
import { InjectedSecret } from './injected-secret.ts';
import { grantStatements, policyStatement } from './policy.ts';
import { SERVICE_CPU, SERVICE_MEMORY_MIB, Server, type ServerOptions, serverOptions } from './server.ts';

/**
 * Run by the container's own Node, because the image has no shell and no curl. The certificate is not verified: it
 * belongs to this process, and the request does not leave the task. The image's HEALTHCHECK is the same script.
 */
export const HEALTH_CHECK_SCRIPT = [
  "const request=require('node:https').get(",
  `{host:'127.0.0.1',port:${DEPLOYED_PORT},path:'${HEALTH_PATH}',rejectUnauthorized:false,timeout:3000},`,
  '(response)=>process.exit(response.statusCode===200?0:1));',
  "request.on('timeout',()=>process.exit(1));",
  "request.on('error',()=>process.exit(1));",
].join('');

const CA_RULE = 'one to ten certificates in PEM, at most 6000 characters, without a private key';

/** Certificates that Node.js can read, and nothing else. */
function isCaList(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > 10 || pem.length > 6000) return false;
  if (blocks.reduce((rest, block) => rest.replace(block, ''), pem).trim() !== '') return false;
  try {
    return blocks.every((block) => new X509Certificate(block).ca);
  } catch {
    return false;
  }
}

export const taskOptions = z
  .strictObject({
    cpu: z.number().default(512).meta({
      description: 'CPU units of the task, 1024 per core; a size that Fargate supports.',
      enum: CPU_UNITS,
    }),
    memoryMiB: z
      .number()
      .default(1024)
      .describe('Memory of the task in MiB; a size that Fargate supports for `cpu`.'),
    caCertificates: judged(isCaList, CA_RULE)
      .optional()
      .meta({
        description:
          'Certificates of your own certificate authorities in PEM, which sign the certificates of `internal` hosts of tools; other hosts ' +
          'need a public authority. A private key is refused.',
        absent: 'public authorities only',
      }),
    // Part of the 6,144 characters that IAM takes in a policy; the rest is for the service's own secrets and store.
    policyStatements: listOf(policyStatement, { max: 20, characters: 3500 })
      .default([])
      .describe(
        "IAM permissions of the task's role, as `{ actions, resources }`, besides reading the service's own secrets and the permissions that the " +
          'tools state (`needs.awsActions`). A server behind the service, which has no such statement, may need them.',
      ),
    server: serverOptions.optional().meta({
      description:
        'An MCP server of your own behind the service, in a second container of each task: docs/own-server.md. `tools.lock.json` pins its tools.',
      absent: 'the tools of service/tools',
      update: 'the log of a server that is removed stays outside of the stack',
    }),
    ...taskEnvironmentOptions,
  })
  .superRefine(({ cpu, memoryMiB, server, scrapeEngine }, context) => {
    if (!CPU_UNITS.includes(cpu)) {
      context.addIssue(problem(['cpu'], `must be one of ${CPU_UNITS.join(', ')} units, got ${cpu}`));
      return;
    }
    const rule = memoryRule(cpu, memoryMiB);
    if (rule) context.addIssue(problem(['memoryMiB'], `must be ${rule}, got ${memoryMiB}`));
    if (server === undefined) return;
    for (const [name, size, own, least, unit] of [
      ['cpu', cpu, server.cpu, SERVICE_CPU, 'units'],
      ['memoryMiB', memoryMiB, server.memoryMiB, SERVICE_MEMORY_MIB, 'MiB'],
    ] as const) {
      if (size - own >= least) continue;
      const text = `must leave ${least} ${unit} of task.${name} ${size} for the service, got ${own}`;
      context.addIssue(problem(['server', name], text));
    }
    if (scrapeEngine === 'webscraping-ai') {
      const text =
        'must be direct with task.server, because both containers share the task role and so the API key, got "webscraping-ai"';
      context.addIssue(problem(['scrapeEngine'], text));
    }
  });

export interface TaskProps extends Omit<z.output<typeof taskOptions>, 'server'> {
  readonly domainName: string;
  readonly image: ContainerImage;
  readonly logGroup: ILogGroup;
  /** Encrypts log groups. */
  readonly logKey: IKey;
  /** The token list; absent with `oauth`. */
  readonly tokens?: ISecret;
  /** The list of what is denied. */
  readonly accessList: ISecret;
  readonly auditKey: ISecret;
  readonly apiKey?: ISecret;
  /** The tools that the stage serves. @default - those of the image */
  readonly tools?: readonly TaskTool[] | undefined;
  /** Rate limit store that all tasks share. @default - each task counts for itself */
  readonly rateLimitStore?: TaskRateLimitStore | undefined;
  /** The MCP server behind the service, with its image. @default - none */
  readonly server?: (ServerOptions & { readonly containerImage: ContainerImage }) | undefined;
  /** Whether one of the tools reads pages. */
  readonly scrapes: boolean;
  /** Whether the task's subnets have a route to the internet. */
  readonly internet: boolean;
  /** Repository of the GuardDuty agent that ECS starts beside the container. @default - no agent */
  readonly agentRepositoryArn?: string | undefined;
}

/**
 * The task definition: the service in a container with a read-only file system, no privileges and no shell, and the server
 * behind it, if there is one, in a second.
 */
export class Task extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly role: IRole;
  /** Log of the server behind the service. @default - there is no server */
  readonly serverLog?: ILogGroup;
  /** TCP ports the container connects to. */
  readonly egressPorts: readonly number[];
  /** The roles with their policies, which the task does not reference. */
  readonly dependencies: readonly IDependable[];

  constructor(scope: Construct, id: string, props: TaskProps) {
    super(scope, id);
    const environment = taskEnvironment({ ...props, port: DEPLOYED_PORT });

    // Pages on plain HTTP are scraped too, unless another service fetches them or there is no internet route.
    const http = props.scrapes && props.scrapeEngine !== 'webscraping-ai' && props.internet;
    const hosts = (props.tools ?? []).flatMap((tool) => tool.hosts);
    const httpHost = props.internet && hosts.some(({ protocol }) => protocol === 'http:');
    this.egressPorts = http || httpHost ? [443, 80] : [443];

    this.role = this.ecsRole('TaskRole', 'Permissions of the running service: read its secrets');
    // CDK grants it what AmazonECSTaskExecutionRolePolicy has, on the one repository and the one log group.
    const executionRole = this.ecsRole(
      'ExecutionRole',
      'Permissions of ECS to start the task: pull the image, write logs',
    );
    Validations.of(executionRole).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken has no resource to name; pulling is granted on the one repository',
    });
    if (props.agentRepositoryArn !== undefined) grantPull(executionRole, props.agentRepositoryArn);
    grantStatements(this.role, props.policyStatements);
    grantTools(this.role, props.tools ?? []);
    this.dependencies = [this.role, executionRole];
    this.definition = new FargateTaskDefinition(this, 'Definition', {
      cpu: props.cpu,
      memoryLimitMiB: props.memoryMiB,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole: this.role,
      executionRole,
    });

    const linuxParameters = new LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(Capability.ALL);
    const { server } = props;
    const service = this.definition.addContainer('mcp', {
      image: props.image,
      essential: true,
      user: '65532:65532',
      privileged: false,
      readonlyRootFilesystem: true,
      linuxParameters,
      ulimits: [{ name: UlimitName.NOFILE, softLimit: 16_384, hardLimit: 16_384 }],
      stopTimeout: TIMEOUTS.stop,
      // The tag is resolved to a digest once, so every task of a deployment runs the same image.
      versionConsistency: VersionConsistency.ENABLED,
      portMappings: [{ containerPort: DEPLOYED_PORT }],
      environment,
      ...(server && besideServer(props, server)),
      healthCheck: {
        command: ['CMD', '/nodejs/bin/node', '-e', HEALTH_CHECK_SCRIPT],
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(30),
      },
      // The account's default drops lines when the log service is slow. Audit records matter more than requests: the
      // service refuses calls when its own buffer fills up.
      logging: LogDrivers.awsLogs({
        logGroup: props.logGroup,
        streamPrefix: 'mcp',
        mode: AwsLogDriverMode.BLOCKING,
      }),
    });

    if (server !== undefined) {
      const behind = { ...server, definition: this.definition, service, logKey: props.logKey };
      this.serverLog = new Server(this, 'Server', behind).logGroup;
      grantRead(executionRole, injectedSecrets(props, server));
    }

    Validations.of(this.definition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason:
        'The variables are settings and references to secrets; the service reads the values at run time, and ECS injects those of a server behind it',
    });
  }

  /** A role that ECS may pass only to tasks of this account and region. */
  private ecsRole(id: string, description: string): ServiceRole {
    const sourceArn = Stack.of(this).formatArn({ service: 'ecs', resource: '*' });
    return new ServiceRole(this, id, { service: 'ecs-tasks.amazonaws.com', description, sourceArn });
  }
}

/** The service's share of a task that has a server, and the one secret that the shared task role may not read. */
function besideServer({ cpu, memoryMiB, auditKey }: TaskProps, server: ServerOptions) {
  return {
    cpu: cpu - server.cpu,
    memoryLimitMiB: memoryMiB - server.memoryMiB,
    secrets: { [AUDIT_KEY_VARIABLE]: InjectedSecret.of(auditKey.secretArn) },
  };
}

/** The secrets that ECS reads to start a task with a server, and their keys. */
function injectedSecrets({ auditKey }: TaskProps, server: ServerOptions) {
  const arns = Object.values(server.secrets).map((reference) => reference.split('#')[0] ?? '');
  const keys = [auditKey.encryptionKey?.keyArn, ...server.secretsKmsKeyArns];
  return {
    secretArns: [...new Set([auditKey.secretArn, ...arns])],
    keyArns: keys.filter((arn) => arn !== undefined),
  };
}

/** Grants the role exactly the rights of the tools. */
function grantTools(role: IRole, tools: readonly TaskTool[]): void {
  const statements = tools
    .flatMap(({ rights }) => rights)
    .map(({ actions, resources, via }) => {
      // A key is used in its own region.
      const here = Stack.of(role).region;
      const regions = new Set(resources.map((resource) => resource.split(':')[3] || here));
      const services = via?.flatMap((service) =>
        [...regions].map((region) => `${service}.${region}.amazonaws.com`),
      );
      return new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(services && { conditions: { StringEquals: { 'kms:ViaService': services } } }),
      });
    });
  addPackedPolicies(role, 'Tools', {
    items: statements,
    sizeOf: (statement) => JSON.stringify(statement.toJSON()).length + 1,
    statementsOf: (some) => [...some],
  });
}

/** Grants pulling from a repository of another account, whose policy must allow it too. */
function grantPull(role: IRole, repositoryArn: string): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: PULL, resources: [repositoryArn] }));
}
