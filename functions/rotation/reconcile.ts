import type { SecretDescription } from './secret-store.ts';
import { clientSecretId, REPAIR_MS, type RotationOptions, type Tools } from './steps.ts';
import { reconcile, retire, revokePrevious, versions } from './token-list.ts';

/** How late a rotation may be, in milliseconds; Secrets Manager itself takes up to a day to start one. */
const LATE_MS = 2 * 86_400_000;
/** Time for the first rotation of a new secret, in milliseconds. */
const FIRST_ROTATION_MS = 3_600_000;

/**
 * Reconciles the list with the declared clients: removes entries of other clients, updates scopes, and expires replaced
 * tokens that an interrupted rotation left without an end.
 *
 * A missing token is never added back, because it may have been revoked.
 *
 * @throws Error naming each client whose token is not valid, or whose rotation is overdue
 */
export async function keepList(options: RotationOptions): Promise<void> {
  const { store, tokensSecretId, clients, graceMs, now } = options;
  const secrets = new Map<string, SecretDescription>();
  const problems: string[] = [];
  for (const clientId of clients.keys()) {
    try {
      secrets.set(clientId, await store.describe(clientSecretId(clientId, options)));
    } catch (error) {
      problems.push(`the secret of ${clientId} cannot be described: ${(error as Error).name}`);
    }
  }
  let list = '';
  await store.update(tokensSecretId, (document) => {
    list = reconcile(document, (clientId) => clients.get(clientId)?.scopes);
    for (const [clientId, { current: versionId }] of secrets) {
      if (versionId !== undefined) list = retire(list, clientId, { versionId, graceMs, now: now() });
    }
    return list;
  });

  for (const [clientId, secret] of secrets) problems.push(...problemOf(clientId, secret, list, now()));
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/** Logs the age of the API key's value, which the function cannot read. */
export async function logApiKeyAge(apiKeySecretId: string | undefined, tools: Tools): Promise<void> {
  const { store, now, logger } = tools;
  if (apiKeySecretId === undefined) return;
  const changedAt = await store.changedAt(apiKeySecretId);
  if (changedAt === undefined) logger.warn('api_key_missing');
  // The alarm reads this number.
  else logger.info('api_key_age', { ageDays: Math.floor((now() - changedAt) / 86_400_000) });
}

/**
 * Ends the grace period of a client's replaced tokens now, for example after a leak: tasks refuse them within a minute.
 *
 * @throws Error during a rotation, because the client still reads the token that would be refused
 */
export async function revoke(clientId: string, options: RotationOptions): Promise<void> {
  const { store, tokensSecretId } = options;
  if (!options.clients.has(clientId)) throw new Error(`${clientId} is not a declared client`);
  const { current } = await store.describe(clientSecretId(clientId, options));
  await store.update(tokensSecretId, (document) => {
    if (versions(document, clientId)[0]?.versionId !== current)
      throw new Error(`a rotation of ${clientId} has not finished; wait for it or rotate again`);
    return revokePrevious(document, clientId);
  });
  options.logger.warn('previous_tokens_revoked', { clientId });
}

function problemOf(clientId: string, secret: SecretDescription, list: string, now: number): string[] {
  const token = versions(list, clientId).find(({ versionId }) => versionId === secret.current);
  if (token === undefined && now - secret.createdAt < FIRST_ROTATION_MS) return [];
  const leftMs = token === undefined ? 0 : Date.parse(token.expiresAt) - now;
  if (leftMs <= 0) return [`the token of ${clientId} does not work; rotate its secret`];
  return leftMs < REPAIR_MS - LATE_MS ? [`the rotation of ${clientId} is overdue`] : [];
}
