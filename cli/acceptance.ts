import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { stages } from '../infra/config.ts';
import { type StageConfig, stackNameOf } from '../infra/stage-config.ts';
import { createAws } from './acceptance/aws.ts';
import type { Check } from './acceptance/check.ts';
import { policyOf } from './acceptance/policy.ts';
import { exitStatus, linesOf, publicReport, textOf } from './acceptance/report.ts';
import { CHECKS, run } from './acceptance/run.ts';
import { readArguments, USAGE_ERROR } from './arguments.ts';

const NAMES = CHECKS.map(({ name }) => name);

const USAGE = `usage: npm run -s acceptance -- --stage NAME [--only CHECKS] [--yes] [--json]
       npm run -s acceptance -- --stage NAME --policy
Checks properties of a deployed stage that only AWS shows, with the credentials of the AWS CLI. It has never been run on AWS.
It changes the stage: it rotates tokens, sets alarms and calls the server, and asks for the stage's name before.
  --stage   the stage of infra/config.ts that is deployed
  --only    a comma list of ${NAMES.join(', ')}. Default all
  --yes     do not ask
  --json    print the report as JSON
  --policy  print the IAM policy document that suffices for all checks, and do nothing else
The results with all names go to standard error. The report on standard output has no account ids, names and addresses.
MCP_TOKEN, if set, is used for the calls. Without it, the token of a client is read as that client's role.
Exits with 0 if every check is ok; 1 if one failed; 2 if none failed but one could not tell; 64 for an invalid
command line, or if the stage's name was not given.`;

const { stage, chosen, yes, json, policy } = readArguments(
  USAGE,
  {
    options: {
      stage: { type: 'string' },
      only: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      policy: { type: 'boolean', default: false },
    },
  },
  ({ values: { stage: name, only, ...rest } }) => {
    const known: Readonly<Record<string, StageConfig>> = stages;
    const config = known[name ?? ''];
    if (name === undefined || config === undefined)
      throw new Error(`--stage must be one of ${Object.keys(known).join(', ')}, got ${JSON.stringify(name)}`);
    const words = only?.split(',') ?? NAMES;
    const unknown = words.find((word) => !NAMES.includes(word));
    if (unknown !== undefined)
      throw new Error(`--only must be of ${NAMES.join(', ')}, got ${JSON.stringify(unknown)}`);
    const { region } = config;
    const partition = RegionInfo.get(region).partition ?? 'aws';
    return {
      ...rest,
      stage: { name, stackName: stackNameOf(name, config), region, partition, config },
      chosen: CHECKS.filter((check) => words.includes(check.name)),
    };
  },
);

/** Says what will change, and asks for the stage's name. */
async function confirmed(checks: readonly Check[]): Promise<boolean> {
  const changes = checks.flatMap(({ name, changes }) =>
    changes === undefined ? [] : [`  ${name}: ${changes}\n`],
  );
  if (changes.length === 0) return true;
  process.stderr.write(`This changes ${stage.stackName}:\n${changes.join('')}`);
  if (yes) return true;
  if (!process.stdin.isTTY) {
    process.stderr.write('Without a terminal, --yes is required.\n');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Type the name of the stage to start (${stage.name}): `);
  terminal.close();
  return answer.trim() === stage.name;
}

async function main(): Promise<number> {
  if (policy) {
    process.stdout.write(`${JSON.stringify(policyOf(stage), null, 2)}\n`);
    return 0;
  }
  if (!(await confirmed(chosen))) {
    process.stderr.write('Nothing was done.\n');
    return USAGE_ERROR;
  }
  // biome-ignore lint/style/noProcessEnv: the process starts here, and process lists show arguments
  const { MCP_TOKEN } = process.env;
  const { report, redact } = await run({
    stage,
    aws: createAws({ region: stage.region }),
    time: { now: Date.now, pause: (ms) => sleep(ms) },
    token: MCP_TOKEN,
    doctor: [
      process.execPath,
      '--import',
      'tsx',
      fileURLToPath(new URL('../doctor/src/main.ts', import.meta.url)),
    ],
    checks: chosen,
    onResult: (result) => process.stderr.write(`${linesOf(result, process.stderr)}\n`),
  });
  process.stderr.write('\nThe report without names follows, for the form "It deployed, or it did not".\n');
  const printed = publicReport(report, redact);
  process.stdout.write(json ? `${JSON.stringify(printed, null, 2)}\n` : textOf(printed));
  return exitStatus(report);
}

process.exitCode = await main();
