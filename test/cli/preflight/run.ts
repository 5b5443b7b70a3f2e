import { Resolver } from 'node:dns/promises';
import { Aws, type AwsOptions } from '../../../cli/preflight/aws.ts';
import type { Subject } from '../../../cli/preflight/check.ts';
import { checksOf } from '../../../cli/preflight/policy.ts';
import { type Reported, runChecks } from '../../../cli/preflight/run.ts';
import type { Template } from '../../../cli/synthesize.ts';
import { parseStageConfig, type StageConfig } from '../../../infra/stage-config.ts';
import { template } from '../../infra/templates.ts';
import { toolsOf } from '../../infra/tools.ts';
import { DNS, passing } from './account.ts';
import { type Answers, startDns, startStandIn, type Zone } from './stand-in.ts';

export type Scope = Pick<Subject, 'config' | 'template'>;

/** A stage of combinations.ts or variants.ts with its template, as if no value of it were an example. */
export function scopeOf(given: StageConfig): Scope {
  const { Rules, ...rest } = template(given).toJSON() as unknown as Template;
  const { NoPlaceholders: _, ...others } = Rules ?? {};
  return { config: parseStageConfig(given, toolsOf(given)), template: { ...rest, Rules: others } };
}

export interface Circumstances {
  /** Answers of the account that differ from those of one that takes the stage. */
  readonly answers?: Answers;
  readonly dns?: Zone;
  /** @default a command that succeeds */
  readonly containerEngine?: string;
  readonly aws?: Partial<AwsOptions>;
}

export interface Ran {
  readonly findings: readonly Reported[];
  /** Operations that the account was asked, each once. */
  readonly operations: ReadonlySet<string>;
}

/**
 * Runs the preflight of a stage against a stand-in of its account.
 *
 * @param name runs the checks of this name alone
 */
export async function runIn(scope: Scope, circumstances: Circumstances = {}, name?: string): Promise<Ran> {
  const { answers = {}, dns = {}, containerEngine = 'true' } = circumstances;
  const standIn = await startStandIn({ ...passing(scope.config, scope.template), ...answers });
  const names = await startDns({ ...DNS, ...dns });
  const drops = Object.values(dns).includes('drop');
  const resolver = new Resolver({ timeout: drops ? 200 : 10_000, tries: 1 });
  resolver.setServers([names.address]);
  const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
  const aws = new Aws({
    region: scope.config.region,
    endpoint: standIn.url,
    credentials,
    ...circumstances.aws,
  });
  try {
    const checks = checksOf(scope).filter((check) => name === undefined || check.name === name);
    const stage = { ...scope, stackName: 'Mcp-test', resolver, containerEngine };
    const findings = await runChecks(aws, stage, checks);
    return { findings, operations: new Set(standIn.operations) };
  } finally {
    aws.destroy();
    standIn.stop();
    names.stop();
  }
}
