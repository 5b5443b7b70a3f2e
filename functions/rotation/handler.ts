import { z } from 'zod';
import { describeError } from '../../service/logging/logger.ts';
import type { RotationEnvironment } from './environment.ts';
import { keepList, logApiKeyAge, revoke } from './reconcile.ts';
import { CURRENT, PENDING } from './secret-store.ts';
import { type RotationOptions, STEPS, type Tools } from './steps.ts';

/** The event of Secrets Manager for each step. */
const RotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string(),
  ClientRequestToken: z.string().min(1).max(64),
});
/** The event with which an operator revokes a client's replaced tokens before their grace period ends. */
const Revocation = z.object({ revoke: z.string() });

export type HandlerOptions = RotationEnvironment & Tools;

/**
 * The function. Any event that is neither a step nor a revocation (the schedule, the end of a deployment) runs the
 * reconcile.
 */
export function createHandler(options: HandlerOptions): (event: unknown) => Promise<void> {
  return async (event) => {
    const what = describe(event);
    try {
      await run(event, options);
      options.logger.info('rotation_done', what);
    } catch (error) {
      options.logger.error('rotation_failed', { ...what, ...describeError(error) });
      // The runtime logs errors unredacted, so the message contains no more than this.
      throw new Error(`${what.task} failed; see the line rotation_failed`);
    }
  };
}

async function run(event: unknown, { list, apiKeySecretId, ...tools }: HandlerOptions): Promise<void> {
  const options = list && { ...list, ...tools };
  const isStep = Object.hasOwn(Object(event), 'Step');
  const isRevocation = Object.hasOwn(Object(event), 'revoke');
  if (!isStep && !isRevocation) {
    // A failure of one does not skip the other.
    const done = await Promise.allSettled([
      options && keepList(options),
      logApiKeyAge(apiKeySecretId, tools),
    ]);
    for (const result of done) if (result.status === 'rejected') throw result.reason;
    return;
  }
  if (options === undefined) throw new Error('there are no tokens to rotate, because an issuer issues them');
  if (isRevocation) return revoke(Revocation.parse(event).revoke, options);
  await rotate(RotationEvent.parse(event), options);
}

async function rotate(event: z.infer<typeof RotationEvent>, options: RotationOptions): Promise<void> {
  const { Step, SecretId: secretId, ClientRequestToken: versionId } = event;
  const clientId = clientOf(secretId, options);
  // Secrets Manager creates the version before it calls the first step.
  const { stages } = await options.store.describe(secretId);
  const labels = stages.get(versionId) ?? [];
  if (!labels.includes(PENDING) && !labels.includes(CURRENT))
    throw new Error(`version ${versionId} is not in rotation`);
  await STEPS[Step]({ clientId, secretId, versionId }, options);
}

/** The declared client that a secret belongs to, by the secret's ARN. */
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
  return typeof Step === 'string' ? { task: Step, arn: String(SecretId) } : { task: 'reconcile' };
}
