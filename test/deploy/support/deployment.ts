import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOptions } from '../../container/build.ts';
import { type Engine, engineVariables, findEngine } from '../../container/engine.ts';
import { makeStandInBases } from '../../container/stand-in-bases.ts';
import { stages } from '../../infra/stages.ts';
import { startProcess } from '../../service/support/start-process.ts';
import { dockerCommand } from './docker-command.ts';
import { emulatedTemplate, type Part } from './emulated-template.ts';
import { ACCOUNT, type Emulator, startEmulator } from './emulator.ts';
import { makeExisting } from './existing.ts';
import { type Registry, startRegistry } from './registry.ts';

const STACK = 'Mcp-dev';
const { region, domain } = stages.dev;
const root = new URL('../../..', import.meta.url).pathname;

/** The stage `dev`, deployed to an emulator of AWS by the CDK's CLI. */
export interface Deployment {
  readonly engine: Engine;
  readonly emulator: Emulator;
  readonly registry: Registry;
  /** Removed when it stops. */
  readonly directory: string;
  /** The synthesized template, and the same without resources that the emulator does not support. */
  readonly whole: Part;
  readonly kept: Part;
  /** Physical ids of the created resources, by logical id. */
  readonly made: Readonly<Record<string, string>>;
  /** Its name in the task definition, and its parts without the registry. */
  readonly image: { readonly name: string; readonly repository: string; readonly tag: string };
  /** The output of the CLI. */
  readonly said: { readonly bootstrap: string; readonly deploy: string };
  /** An output of the stack: the emulator keeps none, only the resources that they refer to. */
  output(name: string): string;
  /** Deploys the same again. @returns the output of the CLI */
  deploy(): Promise<string>;
  /** Deploys the stage with one option changed. */
  update(): Promise<Update>;
  /** Deletes the stack. @returns what the CLI printed; the emulator does not get to the end */
  destroy(): Promise<string>;
  stop(): Promise<void>;
}

/** An update of the stack. */
export interface Update {
  /** The template as synthesized. */
  readonly whole: Part;
  /** Changes that the CLI announces. */
  readonly diff: string;
  /** Physical ids afterwards, by logical ids. */
  readonly made: Readonly<Record<string, string>>;
}

/**
 * @throws Error when a program is not installed, with the command that installs it; or with the CLI's output on
 * failure
 */
export async function deployDev(): Promise<Deployment> {
  const engine = findEngine();
  const directory = mkdtempSync(join(tmpdir(), 'mcp-deploy-'));
  const stops = [async () => rmSync(directory, { recursive: true })];
  async function stop() {
    for (const one of stops.reverse()) await one();
  }
  try {
    const emulator = await startEmulator(region);
    stops.push(emulator.stop);
    const registry = await startRegistry();
    stops.push(registry.stop);
    const build = buildOptions(engine, directory, makeStandInBases(engine, directory));
    const docker = dockerCommand({ directory, engine, registry: registry.host, build });

    /** Runs the CLI like a deployer. */
    async function run(...args: readonly string[]): Promise<{ code: number | string; printed: string }> {
      const running = startProcess(join(root, 'node_modules/.bin/cdk'), [...args, '--no-notices', '--ci'], {
        ...engineVariables(),
        ...emulator.variables,
        CDK_DOCKER: docker,
        TMPDIR: directory,
      });
      const code = await running.exited(300_000);
      return { code, printed: `${running.stdout()}${running.stderr()}` };
    }

    async function cdk(...args: readonly string[]): Promise<string> {
      const { code, printed } = await run(...args);
      if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${code}: ${printed}`);
      return printed;
    }

    /** Makes the assembly `name`, of test/deploy/app.ts with this argument. @returns the template and its file */
    async function synthesize(name: string, argument = '') {
      const assembly = join(directory, name);
      const app = `node --import tsx test/deploy/app.ts ${argument}`;
      await cdk('synth', '--quiet', '--app', app, '--output', assembly);
      const file = join(assembly, `${STACK}.template.json`);
      return { assembly, file, whole: JSON.parse(readFileSync(file, 'utf8')) as Part };
    }

    const bootstrap = await cdk('bootstrap', `aws://${ACCOUNT}/${region}`);
    const { assembly, file, whole } = await synthesize('assembly');
    const zone = domain.hostedZone as { id: string; name: string };
    const { arns, zoneId } = await makeExisting(emulator, whole, zone.name);
    /** Replaces a template by one of what the emulator creates. */
    function reduce(template: Part, path: string): Part {
      const kept = emulatedTemplate(template, arns);
      writeFileSync(path, JSON.stringify(kept).replaceAll(zone.id, zoneId));
      return kept;
    }
    const kept = reduce(whole, file);
    const approved = ['--require-approval', 'never'];
    const deploy = () => cdk('deploy', STACK, '--app', assembly, ...approved);
    async function update(): Promise<Update> {
      const updated = await synthesize('updated', 'updated');
      reduce(updated.whole, updated.file);
      const diff = await cdk('diff', STACK, '--app', updated.assembly, '--method', 'template');
      // The emulator does not find the change set of an update, and fails if asked to keep the values of parameters.
      const direct = ['--method', 'direct', '--no-previous-parameters'];
      await cdk('deploy', STACK, '--app', updated.assembly, ...approved, ...direct);
      return { whole: updated.whole, diff, made: await resourcesOf(emulator) };
    }
    const destroy = async () => (await run('destroy', STACK, '--app', assembly, '--force')).printed;
    const said = { bootstrap, deploy: await deploy() };
    const image = await imageOf(emulator);
    const names = [`cdkasset-${image.tag}`, `${registry.host}/${image.repository}:${image.tag}`, image.name];
    stops.push(async () => void engine.try(['rmi', '--force', ...names]));
    const made = await resourcesOf(emulator);
    const output = (name: string): string => {
      const { Value } = kept.Outputs[name];
      return typeof Value === 'string' ? Value : (made[Value.Ref] ?? '');
    };
    return {
      ...{ engine, emulator, registry, directory, whole, kept, made, image, output, said },
      ...{ deploy, update, destroy, stop },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The image of the registered task definition. */
async function imageOf(emulator: Emulator) {
  const ecs = (operation: string, input: object) =>
    emulator.json('ecs', `AmazonEC2ContainerServiceV20141113.${operation}`, input) as Promise<Part>;
  const {
    taskDefinitionArns: [taskDefinition],
  } = await ecs('ListTaskDefinitions', {});
  const described = await ecs('DescribeTaskDefinition', { taskDefinition });
  const name: string = described.taskDefinition.containerDefinitions[0].image;
  const [, repository = '', tag = ''] = /^\d+\.dkr\.ecr\.[^/]+\/(.+):(.+)$/.exec(name) ?? [];
  return { name, repository, tag };
}

async function resourcesOf(emulator: Emulator): Promise<Record<string, string>> {
  const form = `Action=ListStackResources&Version=2010-05-15&StackName=${STACK}`;
  const listed = await emulator.xml('cloudformation', '/', form);
  const text = (of: string, name: string) => new RegExp(`<${name}>([^<]*)<`).exec(of)?.[1] ?? '';
  const members = listed.split('<member>').slice(1);
  return Object.fromEntries(
    members.map((member) => [text(member, 'LogicalResourceId'), text(member, 'PhysicalResourceId')]),
  );
}
