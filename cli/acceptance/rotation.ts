import { DescribeSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { ClientOptions } from '../../infra/lib/client-options.ts';
import { allow, type Check, type CheckContext, type Finding } from './check.ts';
import { clientsOf, readToken, secretIdOf, TRUST_FIX, tokenNeeds } from './client-token.ts';
import { functionPattern } from './deployed-stack.ts';
import { listTools, urlOf } from './endpoint.ts';
import { reach } from './reach.ts';
import { repeat } from './time.ts';

/** Four steps, of which the test waits up to 10 seconds; Secrets Manager tries a failed rotation again. */
const PATIENCE = { everyMs: 5000, forMs: 5 * 60_000 };

/** The token of each client rotates, and the new one works. */
export const rotation: Check = {
  name: 'rotation',
  changes:
    'Rotates the token of every client in secrets.clients. The replaced token still works for secrets.gracePeriodHours (24 by default).',
  needs: (stage) => [
    allow(
      'Rotation',
      ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
      `arn:${stage.partition}:secretsmanager:${stage.region}:*:secret:${stage.stackName}/clients/*`,
    ),
    // Asked for beside RotateSecret (Secrets Manager API reference).
    allow(
      'RotationFunction',
      ['lambda:InvokeFunction'],
      `arn:${stage.partition}:lambda:${stage.region}:*:function:${functionPattern(stage.stackName, 'ClientTokens')}`,
    ),
    ...tokenNeeds(stage),
  ],
  async run(context) {
    const clients = clientsOf(context.stage);
    if (clients.length === 0)
      return { verdict: 'ok', detail: 'no client of this stage has a token that rotates' };
    // Without a way to try the new token, no token is replaced.
    await reach(context);
    const findings: Finding[] = [];
    // One after the other: each rotation writes the one list of tokens.
    for (const client of clients) findings.push(await rotate(context, client));
    const bad = findings.filter(({ verdict }) => verdict !== 'ok');
    const [first] = bad;
    if (first === undefined)
      return {
        verdict: 'ok',
        detail: `the tokens of ${clients.length} clients were rotated, and the new ones work`,
      };
    return {
      verdict: bad.some(({ verdict }) => verdict === 'failed') ? 'failed' : 'could not tell',
      detail: `${bad.length} of ${clients.length} clients have no new token that is known to work`,
      lines: bad.map(({ detail }) => detail),
      ...(first.fix !== undefined && { fix: first.fix }),
    };
  },
};

async function rotate(context: CheckContext, client: ClientOptions): Promise<Finding> {
  const { aws, stage, time, stack } = context;
  const SecretId = secretIdOf(stage, client);
  const before = await readToken(context, client);
  const { VersionId = '' } = await aws.secrets.send(new RotateSecretCommand({ SecretId }));
  const stages = await repeat(
    time,
    PATIENCE,
    async () =>
      (await aws.secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages?.[VersionId] ?? [],
    (labels) => labels.includes('AWSCURRENT'),
  );
  if (!stages.includes('AWSCURRENT')) {
    return {
      verdict: 'failed',
      detail: `${client.clientId}: the new version is not current after 5 minutes`,
      fix: 'Read the log of the function in the output RotationFunctionName, and RotationFailed in RUNBOOK.md',
    };
  }
  const token = await readToken(context, client);
  if (token === undefined) {
    return {
      verdict: 'could not tell',
      detail: `${client.clientId}: rotated, but the new token cannot be read with these credentials`,
      fix: TRUST_FIX,
    };
  }
  if (token === before)
    return {
      verdict: 'failed',
      detail: `${client.clientId}: the rotation left the same token`,
      fix: 'Report it',
    };
  return listTools(time, urlOf(stack), token).then(
    () => ({ verdict: 'ok', detail: client.clientId }),
    (error: Error) => ({
      verdict: 'failed',
      detail: `${client.clientId}: the new token does not work: ${error.message}`,
      fix: 'Read SecretRefreshFailed in RUNBOOK.md: do the tasks see the new list?',
    }),
  );
}
