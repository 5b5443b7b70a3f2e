import { z } from 'zod';
import { describeError } from '../service/logging/logger.ts';
import { type RotationOptions, STEPS } from './steps.ts';
import { revoke, upkeep } from './upkeep.ts';

/** What Secrets Manager sends for each step. */
const RotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string(),
  ClientRequestToken: z.string().min(1).max(64),
});
/** What an operator sends to end the grace of a client's replaced tokens. */
const Revocation = z.object({ revoke: z.string() });

/** The function. Whatever is neither a step nor a revocation (the schedule, the end of a deployment) is upkeep. */
export function createHandler(options: RotationOptions): (event: unknown) => Promise<void> {
  return async (event) => {
    const what = describe(event);
    try {
      await run(event, options);
      options.logger.info('rotation_done', what);
    } catch (error) {
      options.logger.error('rotation_failed', { ...what, ...describeError(error) });
      // What the runtime logs of an error is not redacted, so it gets no more than this.
      throw new Error(`${what.task} failed; see the line rotation_failed`);
    }
  };
}

async function run(event: unknown, options: RotationOptions): Promise<void> {
  const keys = Object(event) as Record<string, unknown>;
  if (Object.hasOwn(keys, 'revoke')) return revoke(Revocation.parse(event).revoke, options);
  if (!Object.hasOwn(keys, 'Step')) return upkeep(options);
  const { Step, SecretId, ClientRequestToken } = RotationEvent.parse(event);
  const clientId = clientOf(SecretId, options);
  // Secrets Manager makes the version before it asks for the first step.
  const { stages } = await options.store.describe(SecretId);
  const labels = stages.get(ClientRequestToken) ?? [];
  if (!labels.some((label) => label === 'AWSPENDING' || label === 'AWSCURRENT')) {
    throw new Error(`version ${ClientRequestToken} is not in rotation`);
  }
  await STEPS[Step]?.({ clientId, secretId: SecretId, versionId: ClientRequestToken }, options);
}

/** The declared client that a secret belongs to, by its ARN. */
function clientOf(secretArn: string, { clientSecretPrefix, clients }: RotationOptions): string {
  const [, name = ''] = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:(.+)-\w{6}$/.exec(secretArn) ?? [];
  const clientId = name.slice(clientSecretPrefix.length, -'/token'.length);
  if (name !== `${clientSecretPrefix}${clientId}/token` || !clients.has(clientId)) {
    throw new Error(`${secretArn} is not the secret of a declared client`);
  }
  return clientId;
}

function describe(event: unknown): { readonly task: string; readonly arn?: string } {
  const { Step, SecretId, revoke: client } = Object(event) as Record<string, unknown>;
  if (typeof client === 'string') return { task: `revocation of ${client}` };
  return typeof Step === 'string' ? { task: Step, arn: String(SecretId) } : { task: 'upkeep' };
}
