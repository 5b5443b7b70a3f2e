import { z } from 'zod';
import { describeError } from '../../service/logging/logger.ts';
import type { RotationEnvironment } from './environment.ts';
import { keepList, logApiKeyAge, revoke } from './reconcile.ts';
import { CURRENT, PENDING } from './secret-store.ts';
import { type RotationOptions, STEPS, type Tools } from './steps.ts';

/** What Secrets Manager sends for each step. */
const RotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string(),
  ClientRequestToken: z.string().min(1).max(64),
});
/** What an operator sends to end the grace of a client's replaced tokens. */
const Revocation = z.object({ revoke: z.string() });

export type HandlerOptions = RotationEnvironment & Tools;

/** The function. Whatever is neither a step nor a revocation (the schedule, the end of a deployment) is reconcile. */
export function createHandler(options: HandlerOptions): (event: unknown) => Promise<void> {
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

async function run(event: unknown, { list, apiKeySecretId, ...tools }: HandlerOptions): Promise<void> {
  const options = list && { ...list, ...tools };
  const isStep = Object.hasOwn(Object(event), 'Step');
  const isRevocation = Object.hasOwn(Object(event), 'revoke');
  if (!isStep && !isRevocation) {
    // What is wrong with the one is no reason to leave the other.
    const done = await Promise.allSettled([
      options && keepList(options),
      logApiKeyAge(apiKeySecretId, tools),
    ]);
    for (const result of done) if (result.status === 'rejected') throw result.reason;
    return;
  }
  if (options === undefined) throw new Error('an issuer gives the tokens out here; there is none to rotate');
  if (isRevocation) return revoke(Revocation.parse(event).revoke, options);
  await rotate(RotationEvent.parse(event), options);
}

async function rotate(event: z.infer<typeof RotationEvent>, options: RotationOptions): Promise<void> {
  const { Step, SecretId: secretId, ClientRequestToken: versionId } = event;
  const clientId = clientOf(secretId, options);
  // Secrets Manager makes the version before it asks for the first step.
  const { stages } = await options.store.describe(secretId);
  const labels = stages.get(versionId) ?? [];
  if (!labels.includes(PENDING) && !labels.includes(CURRENT))
    throw new Error(`version ${versionId} is not in rotation`);
  await STEPS[Step]({ clientId, secretId, versionId }, options);
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
  return typeof Step === 'string' ? { task: Step, arn: String(SecretId) } : { task: 'reconcile' };
}
