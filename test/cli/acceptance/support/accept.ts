import { expect } from '@jest/globals';
import { createAws } from '../../../../cli/acceptance/aws.ts';
import type { StageNames } from '../../../../cli/acceptance/check.ts';
import type { CheckResult } from '../../../../cli/acceptance/report.ts';
import { CHECKS, type Run, run } from '../../../../cli/acceptance/run.ts';
import type { Report as DoctorReport } from '../../../../doctor/src/examine.ts';
import { CLIENT_ROLE, REGION, STACK } from './account.ts';

/** A stage with a name of its own everywhere. */
export const STAGE: StageNames = {
  name: 'acme',
  stackName: STACK,
  region: REGION,
  partition: 'aws',
  config: {
    region: REGION,
    domain: { domainName: 'mcp.acme.example', hostedZone: { id: 'Z0123456789ACME', name: 'acme.example' } },
    secrets: { clients: [{ clientId: 'agent', scopes: ['scrape', 'echo'], principalArn: CLIENT_ROLE }] },
    task: { allowedDomains: ['*.acme.example', 'www.acme.example'] },
    monitoring: { email: 'oncall@acme.example' },
  },
};

/** A program in the place of the doctor's that prints the doctor's report. */
export function doctorPrinting(outcome: 'pass' | 'fail' | 'inconclusive' | 'notApplicable'): string[] {
  const finding = { id: 'tls/version', title: 'TLS 1.2 or newer', severity: 'high', outcome };
  const report = { findings: [finding] } as unknown as DoctorReport;
  const print = `process.env.MCP_TOKEN ? console.log(${JSON.stringify(JSON.stringify(report))}) : process.exit(64)`;
  return [process.execPath, '-e', print];
}

export interface Options {
  /** Names of checks. @default - all */
  readonly only?: readonly string[];
  readonly token?: string;
  /** @default - one whose checks pass */
  readonly doctor?: readonly string[];
  /** @default STAGE */
  readonly stage?: StageNames;
}

/** A run against a stand-in of AWS. Its pauses take no time. */
export async function accept(endpoint: string, options: Options = {}): Promise<Run> {
  const { only, token, doctor = doctorPrinting('pass'), stage = STAGE } = options;
  let passed = 0;
  const credentials = { accessKeyId: 'OPERATOR', secretAccessKey: 'testing' };
  const result = await run({
    ...{ stage, token, doctor },
    aws: createAws({ region: REGION, endpoint, credentials }),
    time: {
      now: () => Date.now() + passed,
      async pause(ms) {
        passed += ms;
      },
    },
    checks: CHECKS.filter(({ name }) => only?.includes(name) ?? true),
  });
  // It is printed in the public report as it is.
  for (const { fix = '' } of result.report.checks) expect(fix).not.toMatch(/acme|agent|\d{12}|arn:/i);
  return result;
}

/** The finding of one check. */
export async function checkOf(
  endpoint: string,
  name: string,
  options?: Options,
): Promise<CheckResult | undefined> {
  const { report } = await accept(endpoint, { ...options, only: [name] });
  return report.checks.find((one) => one.name === name);
}
