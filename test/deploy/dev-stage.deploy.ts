import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildOptions } from '../container/build.ts';
import { type Engine, findEngine } from '../container/engine.ts';
import { makeStandInBases } from '../container/stand-in-bases.ts';
import { stages } from '../infra/stages.ts';
import { startProcess } from '../service/support/start-process.ts';
import { dockerCommand } from './support/docker-command.ts';
import { emulatedTemplate, LEFT_OUT, type Part } from './support/emulated-template.ts';
import { ACCOUNT, type Emulator, startEmulator } from './support/emulator.ts';
import { makeExisting } from './support/existing.ts';
import { type Registry, startRegistry } from './support/registry.ts';

const STACK = 'Mcp-dev';
const { region, domain } = stages.dev;
const root = new URL('../..', import.meta.url).pathname;

let directory: string;
let assembly: string;
let engine: Engine;
let emulator: Emulator;
let registry: Registry;
/** As synthesized, and without what the emulator does not create. */
let whole: Part;
let kept: Part;
/** What the CLI printed. */
const said = { bootstrap: '', deploy: '' };

beforeAll(async () => {
  engine = findEngine();
  directory = mkdtempSync(join(tmpdir(), 'mcp-deploy-'));
  assembly = join(directory, 'assembly');
  emulator = await startEmulator(region);
  registry = await startRegistry();
  const build = buildOptions(engine, directory, makeStandInBases(engine, directory));
  dockerCommand({ directory, engine, registry: registry.host, build });

  said.bootstrap = await cdk('bootstrap', `aws://${ACCOUNT}/${region}`);
  await cdk('synth', '--quiet', '--app', 'node --import tsx test/deploy/app.ts', '--output', assembly);
  const file = join(assembly, `${STACK}.template.json`);
  whole = JSON.parse(readFileSync(file, 'utf8'));
  const zone = domain.hostedZone as { id: string; name: string };
  const { arns, zoneId } = await makeExisting(emulator, whole, zone.name);
  kept = emulatedTemplate(whole, arns);
  writeFileSync(file, JSON.stringify(kept).replaceAll(zone.id, zoneId));
  said.deploy = await deploy();
}, 600_000);
afterAll(async () => {
  await registry?.stop();
  await emulator?.stop();
  rmSync(directory, { recursive: true });
});

/** Runs the CDK's CLI as whoever deploys does. @throws with all it printed when it fails */
async function cdk(...args: readonly string[]): Promise<string> {
  const run = startProcess(join(root, 'node_modules/.bin/cdk'), [...args, '--no-notices', '--ci'], {
    ...emulator.variables,
    CDK_DOCKER: join(directory, 'docker'),
    TMPDIR: directory,
  });
  const code = await run.exited(300_000);
  const printed = `${run.stdout()}${run.stderr()}`;
  if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${code}: ${printed}`);
  return printed;
}

const deploy = () => cdk('deploy', STACK, '--app', assembly, '--require-approval', 'never');

const ecs = (operation: string, input: object) =>
  emulator.json('ecs', `AmazonEC2ContainerServiceV20141113.${operation}`, input);

function countByType(part: Part): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Type } of Object.values<Part>(part.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return counts;
}

describe('the stage dev, by the CDK’s CLI against an emulator of AWS', () => {
  test('bootstraps the account, publishes image and code, and only then executes the change set', async () => {
    expect(said.bootstrap).toMatch(/Environment .* bootstrapped/);
    const steps = [/success: Published Image\/Asset/, /creating CloudFormation changeset/, /✅ {2}Mcp-dev/];
    const at = steps.map((step) => said.deploy.search(step));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    for (const code of ['ClientTokens', 'AuditCheck'])
      expect(said.deploy).toContain(`success: Published ${code}/Function/Code`);
    // It calls a stack complete whatever went wrong on the way.
    expect(emulator.failures()).toEqual([]);
  });

  test('makes every resource but those that the emulator does not create, which it names', async () => {
    const form = `Action=ListStackResources&Version=2010-05-15&StackName=${STACK}`;
    const listed = await emulator.xml('cloudformation', '/', form);
    const made = [...listed.matchAll(/<LogicalResourceId>([^<]*)</g)].map(([, id]) => id);
    expect(made.sort()).toEqual(Object.keys(kept.Resources).sort());
    const counts = countByType(whole);
    const left = Object.entries(LEFT_OUT).map(([type, why]) => `| ${counts[type] ?? 0} | ${type} | ${why} |`);
    const all = Object.keys(whole.Resources).length;
    process.stdout.write(`${made.length} of ${all} resources were made. Left out:\n${left.join('\n')}\n`);
    expect(made.length).toBeGreaterThan(60);
  });

  test('runs the image that was built and pushed', async () => {
    const { taskDefinitionArns } = await ecs('ListTaskDefinitions', {});
    const [taskDefinition] = taskDefinitionArns as string[];
    const described = await ecs('DescribeTaskDefinition', { taskDefinition });
    const [{ image = '' } = {}] = (described as Part).taskDefinition.containerDefinitions;
    const [, repository = '', tag = ''] = /^\d+\.dkr\.ecr\.[^/]+\/(.+):(.+)$/.exec(image) ?? [];
    const { architecture, layers } = await registry.image(repository, tag);
    expect(architecture).toBe(process.arch === 'x64' ? 'amd64' : process.arch);
    expect(layers).toBeGreaterThan(1);
  });

  test('deployed again changes nothing', async () => {
    expect(await deploy()).toContain('(no changes)');
  }, 300_000);
});
