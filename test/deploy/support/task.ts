import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../../infra/constructs/function/bundled-code.ts';
import { thisMachine } from '../../container/inside.ts';
import { taskOptions } from '../../container/task-options.ts';
import { freePort } from '../../service/support/free-port.ts';
import type { RunningProcess } from '../../service/support/start-process.ts';
import type { Deployment } from './deployment.ts';
import type { Part } from './emulated-template.ts';

export interface RunningTask {
  readonly process: RunningProcess;
  /** Its address on loopback. */
  readonly port: number;
  /** Runs the audit check under the same restrictions. @returns the lines it logged */
  checkAudit(logGroupName: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/**
 * Runs the deployed image from the registry as its task definition describes. It shares this machine's network, so
 * that it reaches the emulator, and listens on loopback only.
 */
export async function startTask(deployment: Deployment): Promise<RunningTask> {
  const { engine, emulator, registry, image, kept, directory } = deployment;
  const [definition] = Object.values<Part>(kept.Resources).filter(
    ({ Type }) => Type === 'AWS::ECS::TaskDefinition',
  );
  const task = taskOptions(definition.Properties, thisMachine(), (source) => {
    throw new Error(`the task has a secret injected: ${source}`);
  });
  const name = `hardened-mcp-deploy-${process.pid}`;
  const port = await freePort();
  // Removes the local build, so that the image is pulled from the registry.
  const local = `${registry.host}/${image.repository}:${image.tag}`;
  engine.run(['rmi', '--force', local, image.name, `cdkasset-${image.tag}`]);
  engine.run(['pull', ...(engine.name === 'podman' ? ['--tls-verify=false'] : []), local]);

  function run(more: readonly string[], command: readonly string[], variables: Record<string, string>) {
    const environment = Object.entries({ ...emulator.variables, ...variables }).flatMap(([key, value]) => [
      '--env',
      `${key}=${value}`,
    ]);
    const options = [...engine.quirks(task.options), '--network=host', '--no-healthcheck', ...environment];
    return engine.start(['run', '--rm', '--pull=never', ...options, ...more, local, ...command]);
  }
  const running = run(['--name', name], task.command, {
    ...task.environment,
    HOST: '127.0.0.1',
    PORT: String(port),
  });
  await running.says(/"event":"listening"/, 30_000);

  return {
    process: running,
    port,
    async checkAudit(logGroupName) {
      const code = join(directory, 'audit-check');
      mkdirSync(code, { recursive: true });
      bundle('audit-check', code);
      const key = /^aws-secretsmanager:(.*)$/.exec(task.environment['MCP_AUDIT_KEY'] ?? '')?.[1] ?? '';
      const check = run(
        ['--volume', `${code}:/check:ro`, '--entrypoint', '/nodejs/bin/node'],
        ['--permission', '--allow-fs-read=/check/', '-e', "require('/check/index.js').handler()"],
        { AUDIT_LOG_GROUP: logGroupName, AUDIT_KEY_SECRET_ARN: key },
      );
      const status = await check.exited(60_000);
      if (status !== 0) throw new Error(`the check ended with ${status}: ${check.stdout()}${check.stderr()}`);
      return check
        .stdout()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    },
    async stop() {
      engine.run(['stop', '--time', String(task.stopTimeoutMs / 1000), name]);
      await running.exited();
    },
  };
}
