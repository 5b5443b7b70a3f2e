import { AskError, type Aws } from './aws.ts';
import { getCallerIdentity } from './calls.ts';
import { type Ask, type Check, couldNotTell, type Finding, type Subject, willFail } from './check.ts';
import { identity } from './identity.ts';
import { checksOf } from './policy.ts';

/** A finding with the name of its check. */
export interface Reported extends Finding {
  readonly check: string;
}

/**
 * Runs the checks of the stage. One that AWS does not answer is `could not tell`; without credentials that AWS knows,
 * the checks that ask AWS are left out.
 */
export async function runChecks(
  aws: Aws,
  stage: Omit<Subject, 'account'>,
  checks: readonly Check[] = checksOf(stage),
): Promise<readonly Reported[]> {
  const caller = await callerOf(aws);
  if (caller instanceof AskError) {
    const subject: Subject = { ...stage, account: '' };
    const local = checks.filter(({ calls }) => calls.length === 0);
    return [
      { check: identity.name, ...unknownCaller(caller) },
      ...(await all(local, aws, subject)),
      skipped(checks, local),
    ];
  }
  return all(checks, aws, { ...stage, account: caller });
}

async function callerOf(aws: Aws): Promise<string | AskError> {
  try {
    return (await aws.ask(getCallerIdentity, undefined)).Account ?? '';
  } catch (error) {
    if (error instanceof AskError) return error;
    throw error;
  }
}

function unknownCaller({ message, unauthenticated }: AskError): Finding {
  const fix =
    'sign in as the AWS CLI does; a region that must be enabled for an account answers the same until it is';
  return unauthenticated ? willFail(message, fix) : couldNotTell(message, 'check the network');
}

function skipped(checks: readonly Check[], local: readonly Check[]): Reported {
  const number = checks.length - local.length - 1;
  return { check: 'others', ...couldNotTell(`${number} checks ask AWS and were left out`) };
}

/** One after the other: loading a client of the SDK stops this process for so long that timeouts of other calls expire. */
async function all(checks: readonly Check[], aws: Aws, subject: Subject): Promise<readonly Reported[]> {
  const reported: Reported[] = [];
  for (const check of checks) {
    const findings = await one(check, aws, subject);
    reported.push(...findings.map((finding) => ({ check: check.name, ...finding })));
  }
  return reported;
}

async function one(check: Check, aws: Aws, subject: Subject): Promise<readonly Finding[]> {
  const ask: Ask = (call, input) => {
    if (check.calls.includes(call)) return aws.ask(call, input);
    throw new Error(`the check of ${check.name} does not declare ${call.actions[0]}`);
  };
  try {
    return [await check.run(ask, subject)].flat();
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    return [couldNotTell(error.message)];
  }
}
