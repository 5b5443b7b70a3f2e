import { createHash, randomBytes } from 'node:crypto';
import { createHashedTokenVerifier, UNKNOWN_MAX_AGE_MS } from '../../service/auth/hashed-tokens.ts';
import type { Logger } from '../../service/logging/logger.ts';
import type { ListEnvironment } from './environment.ts';
import { PENDING, type SecretStore, type SecretVersion } from './secret-store.ts';
import { publish, retire } from './token-list.ts';

/** What the function works with, besides what the stack tells it. */
export interface Tools {
  readonly store: SecretStore;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  /** Waits, in milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
  readonly logger: Logger;
}

export type RotationOptions = ListEnvironment & Tools;

/** A client's secret in rotation, and the version that is to become the current one. */
export interface Rotation {
  readonly clientId: string;
  readonly secretId: string;
  readonly versionId: string;
}

/** A step; each may be run again at any time, after a failure of itself or of a later one. */
export type Step = (rotation: Rotation, options: RotationOptions) => Promise<void>;

/**
 * What a token is good for beyond its rotation, in milliseconds: so long a rotation that fails has time to be repaired
 * before its client is locked out.
 */
export const REPAIR_MS = 7 * 86_400_000;

/**
 * Time after which no task answers from a list older than the new token, in milliseconds. A task that meets an unknown
 * token reads again unless its list is younger than `UNKNOWN_MAX_AGE_MS`; the same again is for slow answers.
 */
const SETTLE_MS = 2 * UNKNOWN_MAX_AGE_MS;

/**
 * The four steps of a rotation, in the order in which Secrets Manager asks for them. At no moment a token is refused
 * that the client could have read: the list has the new token before the client gets it, and the old one's end is set
 * only after.
 */
export const STEPS = {
  /** Makes the new token, once. */
  async createSecret({ secretId, versionId }, { store }) {
    if ((await store.read(secretId, versionId)) !== undefined) return;
    await store.put(secretId, versionId, randomBytes(32).toString('base64url'), PENDING);
  },

  /** Puts the new token's hash into the list beside the old one's. */
  async setSecret(rotation, options) {
    const pending = await readPending(rotation, options);
    await options.store.update(options.tokensSecretId, (document) =>
      withToken(document, rotation.clientId, pending, options),
    );
  },

  /**
   * Has the new token verified as the service does it, by the same code and over the same list. The service itself is
   * not called: a rotation would then depend on DNS, certificate and firewall, and the function on a way to them.
   */
  async testSecret(rotation, options) {
    const { store, pause, now, logger, tokensSecretId } = options;
    const pending = await readPending(rotation, options);
    await pause(SETTLE_MS);
    const verifier = createHashedTokenVerifier({
      document: async () => ({ value: (await store.read(tokensSecretId))?.value ?? '', readAt: now() }),
      monotonic: now,
      now,
      logger,
    });
    const { clientId } = await verifier.verify(pending.value);
    if (clientId !== rotation.clientId) throw new Error(`the token is one of ${clientId}`);
  },

  /** Gives the new token to the client, and then the old one its end. */
  async finishSecret(rotation, options) {
    const { clientId, secretId, versionId } = rotation;
    const { store, tokensSecretId, graceMs, now } = options;
    const pending = await readPending(rotation, options);
    const { current } = await store.describe(secretId);
    if (current !== versionId) await store.promote(secretId, current, versionId);
    await store.update(tokensSecretId, (document) => {
      // Once more, because somebody may have put an older list meanwhile.
      const published = withToken(document, clientId, pending, options);
      return retire(published, clientId, { versionId, graceMs, now: now() });
    });
  },
} as const satisfies Readonly<Record<string, Step>>;

/** The list with the token of a version as the client's current one. */
function withToken(
  document: string,
  clientId: string,
  { value, versionId }: SecretVersion,
  { clients, now }: RotationOptions,
): string {
  const client = clients.get(clientId);
  if (client === undefined) throw new Error(`${clientId} is not a declared client`);
  const token = {
    sha256: createHash('sha256').update(value).digest('hex'),
    expiresAt: new Date(now() + client.rotateEveryDays * 86_400_000 + REPAIR_MS).toISOString(),
    versionId,
  };
  return publish(document, token, { clientId, scopes: client.scopes, now: now() });
}

async function readPending({ secretId, versionId }: Rotation, { store }: RotationOptions) {
  const version = await store.read(secretId, versionId);
  if (version === undefined) throw new Error(`version ${versionId} has no value; createSecret comes first`);
  return version;
}
