import { Resolver } from 'node:dns/promises';
import { stages } from '../infra/config.ts';
import { extend } from '../infra/extensions.ts';
import { OptionError } from '../infra/lib/option-error.ts';
import { parseStageConfig, type StageConfig, stackNameOf } from '../infra/stage-config.ts';
import { tools } from '../service/tools/index.ts';
import { readArguments } from './arguments.ts';
import { Aws } from './preflight/aws.ts';
import { policyOf } from './preflight/policy.ts';
import { exitCodeOf, textOf } from './preflight/report.ts';
import { runChecks } from './preflight/run.ts';
import { templateOf } from './synthesize.ts';

const USAGE = `usage: npm run -s preflight [-- --stage NAME] [--json] [--resolver ADDRESS]
       npm run -s preflight -- --policy [--stage NAME]
Lists the reasons why a deployment of a stage would fail, from the account and with the AWS CLI's credentials. It only reads.
  --stage     the stage of infra/config.ts. Default dev
  --json      as JSON
  --resolver  DNS server to query, if that of your network does not give the public answers, such as 1.1.1.1 or [::1]:53
  --policy    print the IAM policy that suffices, without a call to AWS
Exit codes: 0 if no check will fail, 1 if one will, 64 for an invalid command line. "could not tell" is not a failure.`;

const known: Readonly<Record<string, StageConfig>> = stages;

const command = readArguments(
  USAGE,
  {
    options: {
      stage: { type: 'string', default: 'dev' },
      json: { type: 'boolean', default: false },
      policy: { type: 'boolean', default: false },
      resolver: { type: 'string' },
    },
  },
  ({ values: { stage, json, policy, resolver: server } }) => {
    const given = known[stage];
    if (given === undefined)
      throw new Error(
        `--stage must be one of ${Object.keys(known).join(', ')}, got ${JSON.stringify(stage)}`,
      );
    // Two tries of 3 s for each name, after which the check could not tell.
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    if (server !== undefined) setServer(resolver, server);
    return { stage, given, json, policy, resolver };
  },
);

function setServer(resolver: Resolver, server: string): void {
  try {
    resolver.setServers([server]);
  } catch {
    throw new Error(
      `--resolver must be an IP address, with or without a port, got ${JSON.stringify(server)}`,
    );
  }
}

async function main(): Promise<void> {
  const { stage, given, json, policy, resolver } = command;
  const config = parseStageConfig(given, tools);
  const template = templateOf(stage, given, { tools, extend });
  if (policy)
    return void process.stdout.write(`${JSON.stringify(policyOf({ config, template }), null, 2)}\n`);
  const aws = new Aws({ region: config.region });
  const findings = await runChecks(aws, {
    ...{ stackName: stackNameOf(stage, config), config, template, resolver },
    // As the CDK CLI chooses it.
    containerEngine: `"\${CDK_DOCKER:-docker}"`,
  });
  aws.destroy();
  process.stdout.write(json ? `${JSON.stringify({ stage, findings }, null, 2)}\n` : textOf(findings));
  process.exitCode = exitCodeOf(findings);
}

try {
  await main();
} catch (error) {
  // An invalid option needs no stack. Any other error is a defect, which does.
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
