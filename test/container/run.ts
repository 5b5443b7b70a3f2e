import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../cli/arguments.ts';
import { coloured } from '../../cli/colour.ts';
import { leaks } from '../service/support/leaks.ts';
import { attack, PROBE } from './attack.ts';
import { auditFindings, clientFindings } from './audit-lines.ts';
import { besideFindings } from './beside.ts';
import { buildImage, IMAGE } from './build.ts';
import { ceilingFindings, MAX_BUNDLE_MIB, MAX_HEALTHY_MS, MAX_LAYER_MIB } from './ceilings.ts';
import { compile } from './compile.ts';
import { doctorFindings } from './doctor.ts';
import { type Engine, findEngine } from './engine.ts';
import { imageFacts } from './image-facts.ts';
import { identityFindings, memoryFindings, permissionFindings, thisMachine } from './inside.ts';
import { reportAttacks } from './report.ts';
import { createScene, type Scene } from './scene.ts';
import { type Bases, makeStandInBases } from './stand-in-bases.ts';
import { synthesizeTaskDefinition } from './task-definition.ts';
import { taskOptions } from './task-options.ts';

const USAGE = `usage: npm run container -- [--stage NAME] [--stand-in-bases]
Builds the image, runs it as the synthesized task definition says, lets clients call it and attacks it from inside.
  --stage           whose task definition. Default prod
  --stand-in-bases  base images made of Debian's packages, where the real ones cannot be pulled`;

const values = readArguments(
  USAGE,
  {
    options: {
      'stand-in-bases': { type: 'boolean', default: false },
      stage: { type: 'string', default: 'prod' },
    },
  },
  ({ values }) => values,
);

const findings: string[] = [];
const say = (line: string) => void process.stdout.write(`${line}\n`);
function judge(what: string, wrong: readonly string[]) {
  say(`${wrong.length === 0 ? 'ok    ' : coloured('red', 'FAILED', process.stdout)} ${what}`);
  for (const one of wrong) say(`         ${one}`);
  findings.push(...wrong);
}

const folder = mkdtempSync(join(tmpdir(), 'mcp-container-'));
let scene: Scene | undefined;
function clean() {
  scene?.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clean();
    process.exit(1);
  });
}

/** The image, built and checked. */
function image(engine: Engine, bases: Bases | undefined) {
  buildImage(engine, folder, bases);
  const facts = imageFacts(engine, IMAGE, folder);
  say(
    `image: ${facts.files} files, ${facts.sizeMiB.toFixed(0)} MiB, of which the base has all but ${facts.layerMiB.toFixed(1)}`,
  );
  judge('image: no shell, no package manager, no setuid, nothing writable, one file of ours', facts.findings);
  return facts;
}

async function main() {
  const engine = findEngine();
  const task = taskOptions(
    synthesizeTaskDefinition(values.stage, join(folder, 'assembly')),
    thisMachine(),
    (source) => {
      throw new Error(`the task has a secret injected: ${source}`);
    },
  );
  say(`${engine.name}, stage ${values.stage}: ${task.options.join(' ')}`);
  if (task.environment['MCP_AUTH_MODE'] === 'oauth') {
    say('not as on Fargate: a token list instead of the issuer, which cannot be asked from here');
  }
  for (const one of task.notApplied) say(`not as on Fargate: ${one}`);
  const bases = values['stand-in-bases'] ? makeStandInBases(engine, folder) : undefined;
  if (bases !== undefined) say('not as on Fargate: stand-ins for both base images');
  const { entryPoint, ownMiB: bundleMiB, layerMiB } = image(engine, bases);

  const probe = ['--volume', `${compile('probe.c', folder)}:${PROBE}:ro`];
  const hardened = [...engine.quirks(task.options), ...probe];
  scene = await createScene(engine, { image: IMAGE, task, folder });
  const running = await scene.start(hardened);
  const { healthyAfterMs: healthyMs } = running;
  judge(
    `ceilings: bundle ${bundleMiB.toFixed(2)} of ${MAX_BUNDLE_MIB} MiB, layers ${layerMiB.toFixed(2)} of ` +
      `${MAX_LAYER_MIB} MiB, healthy after ${healthyMs.toFixed(0)} of ${MAX_HEALTHY_MS} ms`,
    ceilingFindings({ bundleMiB, layerMiB, healthyMs }),
  );
  judge('identity: 65532 without a capability', identityFindings(engine, running.container));
  const seen = await scene.visit();
  const { page } = scene;
  if (page === undefined)
    say('not shown: a call that succeeds takes SCRAPE_ENGINE direct and an allowed domain');
  judge(
    `clients: both generations list tools${page ? ` and scrape ${page.url}` : ''}, a stranger is refused`,
    clientFindings(seen, page),
  );
  judge(
    'permission model: no file, process, worker, addon or code from strings',
    permissionFindings(engine, running.container, entryPoint),
  );
  const ofTask = attack(engine, running.container);
  const { exitCode, ms } = await running.stop();
  judge(`SIGTERM: exit 0 after ${ms.toFixed(0)} ms`, exitCode === 0 ? [] : [`exit ${exitCode}`]);
  judge(
    `audit: ${seen.requests} requests, ${seen.requests} records, one chain`,
    auditFindings(running.process.stdout(), seen, scene.auditKey),
  );
  judge('memory: beyond the limit it is killed', memoryFindings(engine, hardened, task));

  const attacked = async (options: readonly string[]) => {
    const other = await (scene as Scene).start([...options, ...probe]);
    const result = attack(engine, other.container);
    await other.stop();
    return result;
  };
  const attacks = {
    task: ofTask,
    withoutSeccomp: await attacked([...engine.quirks(task.options), '--security-opt', 'seccomp=unconfined']),
    root: await attacked(['--user', '0:0', '--init']),
    privileged: await attacked(['--user', '0:0', '--init', '--privileged']),
  };
  judge('attacks: the promises of the settings hold', reportAttacks(attacks, say));
  scene.close();
  scene = undefined;
  judge(
    'beside: a second container reaches the service’s port, and nothing else of it',
    await besideFindings(engine, folder),
  );
  judge(
    'doctor: its image checks a server, as another user without capabilities',
    await doctorFindings(engine, folder, bases),
  );
  judge('secrets: in no output', await leaks.findings());
}

try {
  await main();
} catch (error) {
  judge((error as Error).message, ['the run ended here']);
} finally {
  clean();
}
say(findings.length === 0 ? 'container: all as promised' : `container: ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
