import { InvokeCommand } from '@aws-sdk/client-lambda';
import { allow, type Check } from './check.ts';
import { functionPattern, resourceOf } from './deployed-stack.ts';

/** The function that checks the audit log runs and finds every chain intact. */
export const auditCheck: Check = {
  name: 'audit-check',
  changes:
    'Runs the check of the audit log once, as it runs every ten minutes. It changes nothing but its own log.',
  needs: ({ partition, region, stackName }) => [
    allow(
      'AuditCheck',
      ['lambda:InvokeFunction'],
      `arn:${partition}:lambda:${region}:*:function:${functionPattern(stackName, 'AuditCheck')}`,
    ),
  ],
  async run({ aws: { lambda }, stack }) {
    const FunctionName = resourceOf(stack, 'AWS::Lambda::Function', 'AuditCheckFunction');
    const { FunctionError, LogResult = '' } = await lambda.send(
      new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse', LogType: 'Tail' }),
    );
    const lines = linesOf(Buffer.from(LogResult, 'base64').toString());
    const checked = lines.find(({ event }) => event === 'audit_chain_checked');
    if (FunctionError !== undefined) {
      const reason = lines.find(({ event }) => event === 'audit_check_failed');
      return {
        verdict: 'failed',
        detail: `the check ended with an error: ${reason?.['message'] ?? FunctionError}`,
        fix: 'AuditCheckFailed in RUNBOOK.md',
      };
    }
    if (checked === undefined) {
      return {
        verdict: 'could not tell',
        detail: 'the check ended without an error, and its result is not in the end of its log',
        fix: 'Read its log',
      };
    }
    if (checked['broken'] !== 0) {
      return {
        verdict: 'failed',
        detail: `${checked['broken']} chains are broken`,
        fix: 'AuditChainBroken in RUNBOOK.md',
      };
    }
    return { verdict: 'ok', detail: `${checked['records']} records of twelve minutes, every chain whole` };
  },
};

/** The lines of JSON in the end of a log, between those of Lambda. */
function linesOf(log: string): Record<string, unknown>[] {
  return log.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
