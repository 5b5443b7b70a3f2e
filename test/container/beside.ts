import { join, resolve } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { files, stack } from '../infra/stack.ts';
import { only } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';
import { leaks } from '../service/support/leaks.ts';
import { IMAGE } from './build.ts';
import type { Engine } from './engine.ts';
import { thisMachine } from './inside.ts';
import { createScene } from './scene.ts';
import type { Properties } from './task-definition.ts';
import { taskOptions } from './task-options.ts';

/** Attempts of beside.mjs that must not succeed in the container of a server. The other one must. */
const BLOCKED = [
  'see_service',
  'read_environment',
  'read_memory',
  'read_files',
  'signal_service',
  'write_output',
  'read_shared_memory',
  'find_abstract_socket',
  'take_port',
  'call_without_token',
];
/** Those that a container in the service's process namespace, with its user, gets through. */
const OPEN_IN_ONE_NAMESPACE = ['see_service', 'read_environment', 'read_files', 'signal_service'];

const NODE = '/nodejs/bin/node';

type Outcomes = Readonly<Record<string, string>>;

/** Differences between the outcomes in the container of a server and what is promised. */
export function besideProblems(outcomes: Outcomes): string[] {
  return [
    ...BLOCKED.flatMap((name) => {
      const outcome = outcomes[name];
      if (outcome === undefined) return [`${name} was not tried`];
      return outcome === 'open' ? [`${name} is open to a server behind the service`] : [];
    }),
    ...(outcomes['ask_health'] === 'open' ? [] : [`the service was not reached: ${outcomes['ask_health']}`]),
    ...(outcomes['call_without_token'] === '401'
      ? []
      : [`a call without a token got ${outcomes['call_without_token']}, expected 401`]),
  ];
}

/** Attempts that did not succeed although nothing is in their way, and so would prove nothing. */
export function blindAttempts(inOneNamespace: Outcomes, alone: Outcomes): string[] {
  return [
    ...OPEN_IN_ONE_NAMESPACE.filter((name) => inOneNamespace[name] !== 'open').map(
      (name) => `${name} finds nothing in the service's own namespace: ${inOneNamespace[name]}`,
    ),
    ...(alone['take_port'] === 'open' ? [] : [`take_port finds no free port: ${alone['take_port']}`]),
  ];
}

/**
 * Runs a task with a server as its definition says, with an attacker as the server.
 *
 * @param folder where to work; the caller removes it
 */
export async function besideFindings(engine: Engine, folder: string): Promise<string[]> {
  const auditKey = 'k'.repeat(64);
  leaks.document('injected secret', auditKey);
  const template = Template.fromStack(stack(variants.smallestServer));
  const definition = only(template, 'AWS::ECS::TaskDefinition').Properties as Properties;
  const options = (name: string) => taskOptions(definition, thisMachine(), () => auditKey, name);
  const [service, server] = [options('mcp'), options('server')];
  const scene = await createScene(engine, { image: IMAGE, task: service, folder });
  try {
    const lock = ['--volume', `${join(files, 'tools.lock.json')}:/app/tools.lock.json:ro`];
    const running = await scene.start([...engine.quirks(service.options), ...lock]);
    const mark = "require('node:fs').writeFileSync('/dev/shm/of-the-service', 'x')";
    engine.run(['exec', running.container, NODE, '-e', mark]);

    const script = ['--volume', `${resolve(import.meta.dirname, 'beside.mjs')}:/beside.mjs:ro`];
    const host = new URL(service.environment['MCP_PUBLIC_URL'] ?? '').host;
    const attack = (more: readonly string[]): Outcomes =>
      JSON.parse(
        engine.run([
          ...['run', '--rm', '--pull=never', '--no-healthcheck', ...more, ...script],
          ...['--entrypoint', NODE, IMAGE, '/beside.mjs', host],
        ]),
      );
    const inTask = [`--network=${scene.network}`, ...engine.quirks(server.options)];
    const found = attack(inTask);
    const shared = [`--network=${scene.network}`, `--pid=container:${running.container}`];
    const blind = blindAttempts(
      attack([...shared, '--user', '65532:65532']),
      attack(['--network=none', '--user', '65533:65533']),
    );
    await running.stop();
    return [...besideProblems(found), ...blind];
  } finally {
    scene.close();
  }
}
