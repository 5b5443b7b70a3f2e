import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import type { RunningProcess } from '../service/support/start-process.ts';
import { until } from '../service/support/until.ts';
import type { Seen } from './clients.ts';
import { compile } from './compile.ts';
import type { Work } from './edge.ts';
import type { Engine } from './engine.ts';
import { ADDRESS_PROGRAM, type PublicPage } from './public-page.ts';
import { secretsOfTask, withTokenList } from './secrets-of-task.ts';
import type { TaskOptions } from './task-options.ts';

/** A network namespace without egress, with the surroundings of a task in it. */
export interface Scene {
  /** The key that the audit records are signed with. */
  readonly auditKey: string;
  /** The network of the task, for `--network`. */
  readonly network: string;
  /**
   * URL that clients ask the task to scrape: the first domain of its allow-list, over http, because no authority
   * certifies it. Absent if the stage's engine asks a service over https, or if nothing is allowed.
   */
  readonly page: PublicPage | undefined;
  /** Starts the service with these options before the image's name, and waits until it is healthy. */
  start(options: readonly string[]): Promise<RunningTask>;
  /** Lets clients visit the running task. */
  visit(): Promise<Seen>;
  close(): void;
}

export interface RunningTask {
  readonly container: string;
  readonly healthyAfterMs: number;
  readonly process: RunningProcess;
  /** Stops it as ECS does. @returns exit code and duration */
  stop(): Promise<{ exitCode: number | string; ms: number }>;
}

export const SOURCE_IP = '203.0.113.9';
/** Addresses between the client and the load balancer, if the stage trusts further proxies. */
const PROXY_IP = '198.51.100.9';
/** Variables that Fargate and the task role add to every task. */
const OF_FARGATE = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
};

export interface SceneOptions {
  readonly image: string;
  readonly task: TaskOptions;
  /** Folder for files of containers; the caller removes it. */
  readonly folder: string;
}

/** Makes the namespace as ECS does for a task: one container holds it, and the others join. */
export async function createScene(engine: Engine, { image, task, folder }: SceneOptions): Promise<Scene> {
  const prefix = `hardened-mcp-${process.pid}`;
  const names: string[] = [];
  const outfile = join(folder, 'edge.mjs');
  // The banner lets bundled CommonJS load Node's modules.
  const banner = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";
  await build({
    entryPoints: [new URL('./edge.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
    outfile,
    logLevel: 'warning',
  });

  function run(name: string, options: readonly string[], command: readonly string[]): RunningProcess {
    names.push(name);
    return engine.start(['run', '--rm', '--name', name, '--pull=never', ...options, image, ...command]);
  }
  const ports = ['--sysctl', 'net.ipv4.ip_unprivileged_port_start=1024'];
  const mount = ['--volume', `${outfile}:/edge.mjs:ro`, '--entrypoint', '/nodejs/bin/node'];
  const program = compile('public-address.c', folder);
  const addresses = [
    '--user',
    '0:0',
    '--cap-add',
    'NET_ADMIN',
    '--volume',
    `${program}:${ADDRESS_PROGRAM}:ro`,
  ];
  const edge = run(
    `${prefix}-edge`,
    ['-i', '--network=none', '--no-healthcheck', ...ports, ...mount, ...addresses],
    ['/edge.mjs'],
  );
  async function ask<T>(work: Work): Promise<T> {
    const before = edge.stdout().length;
    edge.child.stdin?.write(`${JSON.stringify(work)}\n`);
    await until(() => edge.stdout().indexOf('\n', before) > 0 || edge.child.exitCode !== null, edge.stderr);
    if (edge.child.exitCode !== null) throw new Error(`the edge ended. ${edge.stderr()}`);
    return JSON.parse(edge.stdout().slice(before)) as T;
  }

  function close() {
    // The owner of the namespace last; an engine may remove the containers of one command in any order.
    for (const name of names.reverse()) engine.try(['rm', '--force', '--volumes', name]);
  }

  const variables = withTokenList(task.environment);
  const { token, auditKey, values } = await secretsOfTask(variables);
  const url = await ask<string>({ secrets: values }).catch((error: unknown) => {
    close();
    throw error;
  });
  const ofFargate = { ...OF_FARGATE, AWS_ENDPOINT_URL: url };
  const environment = Object.entries({ ...variables, ...ofFargate }).flatMap(([name, value]) => [
    ...['--env', `${name}=${value}`],
  ]);
  const network = `container:${prefix}-edge`;
  const inScene = [`--network=${network}`, '--no-healthcheck', ...environment];
  const [port = 0] = task.ports;
  const proxies = Array.from({ length: Number(variables['MCP_TRUSTED_HOPS'] ?? 1) - 1 }, () => PROXY_IP);
  const visit = {
    publicUrl: variables['MCP_PUBLIC_URL'] ?? '',
    port,
    token,
    forwardedFor: [SOURCE_IP, ...proxies].join(', '),
    page: pageFor(variables),
  };

  return {
    auditKey,
    network,
    page: visit.page,
    visit: () => ask<Seen>({ visit }),
    async start(options) {
      const container = `${prefix}-task-${names.length}`;
      const startedAt = performance.now();
      const process = run(container, [...inScene, ...options], task.command);
      const { command, timeoutMs, startPeriodMs } = task.healthCheck;
      while (engine.try(['exec', container, ...command], timeoutMs).status !== 0) {
        if (process.child.exitCode !== null || performance.now() - startedAt > startPeriodMs) {
          throw new Error(`the task did not become healthy. ${process.stdout()}${process.stderr()}`);
        }
        await sleep(50);
      }
      return {
        container,
        process,
        healthyAfterMs: performance.now() - startedAt,
        async stop() {
          const stoppedAt = performance.now();
          engine.run(['stop', '--time', String(task.stopTimeoutMs / 1000), container]);
          return { exitCode: await process.exited(), ms: performance.now() - stoppedAt };
        },
      };
    },
    close,
  };
}

function pageFor(variables: Readonly<Record<string, string>>): PublicPage | undefined {
  const [domain = ''] = (variables['SCRAPE_ALLOWED_DOMAINS'] ?? '').split(',');
  if (variables['SCRAPE_ENGINE'] !== 'direct' || domain === '') return undefined;
  const host = domain === '*' ? 'example.com' : domain.replace(/^\*/, 'www');
  return { url: `http://${host}/page`, text: randomBytes(16).toString('hex') };
}
