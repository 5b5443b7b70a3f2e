import { VERSION } from '../../service/version.ts';
import { isUnauthenticated } from '../aws-credentials.ts';
import { alarms } from './alarms.ts';
import { auditCheck } from './audit-check.ts';
import type { Aws } from './aws.ts';
import type { Check, CheckContext, Finding, StageNames } from './check.ts';
import type { DeployedStack } from './deployed-stack.ts';
import { dnsLog } from './dns-log.ts';
import { doctor } from './doctor.ts';
import { drift } from './drift.ts';
import { healthyHosts } from './healthy-hosts.ts';
import { OutsideError } from './reach.ts';
import { createRedactor } from './redact.ts';
import type { CheckResult, Report } from './report.ts';
import { rotation } from './rotation.ts';
import { isNoStack, readStack, STACK_CHECK, stackFinding } from './stack.ts';
import { tasks } from './tasks.ts';

/**
 * In the order in which they run: what only reads comes first. The rotation follows the doctor, which sends a token
 * where logs may keep it. The audit check finds the records of the calls before it.
 */
export const CHECKS: readonly Check[] = [
  drift,
  tasks,
  healthyHosts,
  doctor,
  rotation,
  dnsLog,
  auditCheck,
  alarms,
];

export interface RunOptions extends Omit<CheckContext, 'stack'> {
  readonly stage: StageNames;
  readonly aws: Aws;
  /** @default CHECKS */
  readonly checks?: readonly Check[];
  /** Receives each result. */
  readonly onResult?: (result: CheckResult) => void;
}

export interface Run {
  readonly report: Report;
  /** Makes a text of this run public. */
  readonly redact: (text: string) => string;
}

/** Runs the checks one after the other. Without a deployed stack there is nothing to check. */
export async function run(options: RunOptions): Promise<Run> {
  const { stage, aws, time, checks = CHECKS, onResult = () => {} } = options;
  const results: CheckResult[] = [];
  async function result(name: string, check: () => Promise<Finding>): Promise<Finding> {
    const finding = await check().catch(untold);
    results.push({ name, ...finding });
    onResult({ name, ...finding });
    return finding;
  }

  let stack: DeployedStack | undefined;
  const deployed = await result(STACK_CHECK, async () => {
    stack = await readStack(aws.cloudFormation, stage.stackName);
    return stackFinding(aws.cloudFormation, stack);
  });
  if (stack !== undefined && deployed.verdict === 'ok') {
    const context: CheckContext = { ...options, stack };
    for (const check of checks) await result(check.name, () => check.run(context));
  }
  return {
    report: {
      version: VERSION,
      node: process.version,
      region: stage.region,
      date: new Date(time.now()).toISOString().slice(0, 10),
      checks: results,
    },
    redact: createRedactor(stage, stack),
  };
}

/** AWS's reason, in one line. */
function untold(error: Error): Finding {
  if (error instanceof OutsideError)
    return { verdict: 'could not tell', detail: error.message, fix: error.fix };
  const reason = error.message.replaceAll(/\s+/g, ' ').slice(0, 500);
  return { verdict: 'could not tell', detail: `${error.name}: ${reason}`, fix: fixOf(error) };
}

function fixOf(error: Error): string {
  if (isUnauthenticated(error)) return 'Sign in to the account of the stage, as for the AWS CLI';
  if (/AccessDenied|Unauthorized|Forbidden/i.test(error.name)) return 'Grant the rights that --policy prints';
  if (isNoStack(error))
    return 'The stage is not deployed in this account and region: deploy it, or sign in to its account';
  return 'Try again; if it stays, report it';
}
