import {
  AwsLogDriverMode,
  Capability,
  type ContainerDefinition,
  ContainerDependencyCondition,
  type ContainerImage,
  type FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  UlimitName,
  VersionConsistency,
} from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { DEPLOYED_PORT } from '../../../service/environment/bounds.ts';
import { problem } from '../../lib/option-error.ts';
import {
  judged,
  listedDomain,
  listOf,
  oneOf,
  PINNED_IMAGE,
  recordOf,
  retentionDays,
  text,
  wholeNumber,
} from '../../lib/option-types.ts';
import { SECRET_NAME } from '../../rules/container.ts';
import { InjectedSecret } from './injected-secret.ts';

/** CPU units that the service itself needs: those of the smallest task. */
export const SERVICE_CPU = 256;
/** Memory in MiB that the service itself needs: that of the smallest task. */
export const SERVICE_MEMORY_MIB = 512;

const NAME = /^(?!AWS_CONTAINER_|ECS_)[A-Za-z_]\w{0,127}$/;
const NAME_RULE = 'none of ECS itself (AWS_CONTAINER_…, ECS_…)';

export const serverOptions = z
  .strictObject({
    image: judged(
      (value) =>
        PINNED_IMAGE.test(value) || (/^\.\/[\w./-]{1,200}$/.test(value) && !/\/\.\.(?:\/|$)/.test(value)),
      'pinned as NAME@sha256:<64 hex digits>, or a folder with a Dockerfile such as ./server',
    ).describe(
      'Image of the server for linux/arm64: pinned as `NAME@sha256:…` with the rules of `image.imageUri`, or a folder of this ' +
        'repository with a Dockerfile, such as `./server`, which `cdk deploy` builds. It runs as 65533:65533 on a read-only file system.',
    ),
    port: wholeNumber(1024, 65_535).describe(
      `TCP port that the server listens on, on 127.0.0.1 or on every address; not ${DEPLOYED_PORT}, the port of the service.`,
    ),
    path: text(/^\/[\w./~-]{0,200}$/, 'a path such as /mcp').describe(
      'Path of its endpoint for Streamable HTTP, such as `/mcp`.',
    ),
    command: listOf(text(/^[^\0]{1,2000}$/, 'an argument of 1 to 2000 characters'), {
      min: 1,
      max: 50,
      characters: 4000,
    })
      .optional()
      .meta({
        description: "Arguments for the image's entry point, each its own item; no shell splits them.",
        absent: "the image's own",
      }),
    environment: recordOf({
      key: NAME,
      value: /^[^\0]{1,2000}$/,
      rule: `variables by name, ${NAME_RULE}, with values of 1 to 2000 characters`,
      max: 50,
      // Part of the 64 KB of a task definition.
      characters: 8000,
    }).describe(
      "The server's variables by name, such as `{ LOG_LEVEL: 'info' }`. A secret must be in `secrets`.",
    ),
    secrets: recordOf({
      key: NAME,
      value: /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]{1,512}-\w{6}(#[\w.-]{1,128})?$/,
      rule: `complete ARNs of secrets, with #KEY for one member of JSON, by the name of the variable, ${NAME_RULE}`,
      max: 20,
      // Each ARN is twice in a policy, in which IAM takes 6,144 characters.
      characters: 1800,
    }).describe(
      'Variables whose values ECS reads from Secrets Manager when it starts the task, by name: the complete ARN (with its six-character ' +
        'suffix), and `#KEY` for one member of a JSON secret. The value stays in the environment until the task ends: after a rotation, start a new ' +
        'deployment. ECS may read these secrets and no others.',
    ),
    secretsKmsKeyArns: listOf(text(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a KMS key'), {
      max: 5,
    })
      .default([])
      .describe('ARNs of customer-managed keys that encrypt those secrets, besides `aws/secretsmanager`.'),
    hosts: listOf(listedDomain(), { max: 100 })
      .default([])
      .describe(
        "Names that the server may resolve, `api.example.com` or `*.example.com`, in addition to the service's own. Both containers share the list.",
      ),
    cpu: wholeNumber(64, 16_128)
      .default(256)
      .describe(
        `CPU units of the server, part of \`task.cpu\`; at least ${SERVICE_CPU} must be left for the service. It may use more while the service is idle.`,
      ),
    memoryMiB: wholeNumber(64, 122_368)
      .default(512)
      .describe(
        `Memory of the server in MiB, part of \`task.memoryMiB\`; at least ${SERVICE_MEMORY_MIB} must be left for the service. Beyond it the server is killed and started again.`,
      ),
    writableTmp: z
      .boolean()
      .default(false)
      .describe(
        'Whether the server gets an empty, writable /tmp, which the service cannot see. The image must declare it: `VOLUME /tmp` after a ' +
          '`RUN chmod 1777 /tmp`; otherwise it belongs to root.',
      ),
    session: oneOf('per-request', 'shared')
      .default('per-request')
      .describe(
        '`per-request`: each call has a session of its own. `shared`: all clients use one session of a task, so data that the server keeps in it can reach every client.',
      ),
    logRetentionDays: retentionDays().describe("Days the server's own log is kept."),
  })
  .superRefine(({ port, environment, secrets }, context) => {
    if (port === DEPLOYED_PORT) {
      context.addIssue(problem(['port'], `must be another than ${DEPLOYED_PORT}, the port of the service`));
    }
    for (const [name, value] of Object.entries(environment)) {
      if (Object.hasOwn(secrets, name)) {
        context.addIssue(problem(['environment'], `must not have ${name}, which is in secrets too`));
      }
      if (isPlainSecret(name, value)) {
        const text = `must not have ${name}, which names a secret: put the value into Secrets Manager, and its ARN into task.server.secrets`;
        context.addIssue(problem(['environment'], text));
      }
    }
  });

/** Whether a variable looks like a secret, judged by the variable's name, unless it counts tokens. */
function isPlainSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) && !(/TOKENS$/i.test(name) && /^\d+$/.test(value));
}

export type ServerOptions = z.output<typeof serverOptions>;

export interface ServerProps extends ServerOptions {
  readonly definition: FargateTaskDefinition;
  /** The container of the service. */
  readonly service: ContainerDefinition;
  readonly containerImage: ContainerImage;
  readonly logKey: IKey;
}

/**
 * The MCP server behind the service: a second container of the task, as restricted as the first.
 *
 * - **Only the service listens for clients.** Both containers share a network, so a server that took port 8443 first would get
 *   the clients' tokens: the load balancer does not verify a certificate. So ECS starts the server only when the service is
 *   healthy, which then holds the port, and stops it first. If the service ends, ECS ends the task.
 * - **Another user**, another root and another process namespace: the server sees none of the service's processes and files.
 * - **A log of its own**, so that no line of it can pass for an audit record.
 * - **The task role is shared.** ECS gives the credentials of a task's role to each of its containers, and no setting
 *   changes this (aws/containers-roadmap#204). So with a server the role may not read the audit key, which ECS
 *   injects into the service alone, and `webscraping-ai`, which needs an API key, is refused. The role can still read
 *   the hashes of the client tokens with client ids and scopes (none with OAuth), connect to the rate limit store
 *   and use `task.policyStatements`. infra/rules/server.ts enforces all of this in the template.
 * - **Essential, with a restart policy.** ECS restarts a server that ran for at least a minute. Until the server answers, calls
 *   get `server_unavailable`. ECS does not restart a server that ends within its first minute. The container is essential,
 *   so the task then stops and ECS replaces it, or rolls back the deployment.
 */
export class Server extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ServerProps) {
    super(scope, id);
    const { definition, service } = props;
    this.logGroup = new LogGroup(this, 'Log', {
      encryptionKey: props.logKey,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const linuxParameters = new LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(Capability.ALL);
    const secrets = Object.entries(props.secrets).map(
      ([name, reference]) => [name, InjectedSecret.of(reference)] as const,
    );
    const container = definition.addContainer('server', {
      image: props.containerImage,
      essential: true,
      enableRestartPolicy: true,
      restartAttemptPeriod: Duration.seconds(60),
      user: '65533:65533',
      privileged: false,
      readonlyRootFilesystem: true,
      linuxParameters,
      ulimits: [{ name: UlimitName.NOFILE, softLimit: 16_384, hardLimit: 16_384 }],
      cpu: props.cpu,
      memoryLimitMiB: props.memoryMiB,
      // The service has finished its calls, or has ended: then the server must not outlive it.
      stopTimeout: Duration.seconds(5),
      versionConsistency: VersionConsistency.ENABLED,
      ...(props.command && { command: [...props.command] }),
      environment: { ...props.environment },
      secrets: Object.fromEntries(secrets),
      logging: LogDrivers.awsLogs({
        logGroup: this.logGroup,
        streamPrefix: 'server',
        mode: AwsLogDriverMode.BLOCKING,
      }),
    });
    container.addContainerDependencies({
      container: service,
      condition: ContainerDependencyCondition.HEALTHY,
    });
    if (!props.writableTmp) return;
    definition.addVolume({ name: 'server-tmp' });
    container.addMountPoints({ sourceVolume: 'server-tmp', containerPath: '/tmp', readOnly: false });
  }
}
