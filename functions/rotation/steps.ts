import { createHash, randomBytes } from 'node:crypto';
import { createHashedTokenVerifier, UNKNOWN_MAX_AGE_MS } from '../../service/auth/hashed-tokens.ts';
import type { Logger } from '../../service/logging/logger.ts';
import type { ListEnvironment } from './environment.ts';
import { PENDING, type SecretStore, type SecretVersion } from './secret-store.ts';
import { publish, retire } from './token-list.ts';

/** Dependencies of the function besides its environment. */
export interface Tools {
  readonly store: SecretStore;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  /** Waits for a time in milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
  readonly logger: Logger;
}

export type RotationOptions = ListEnvironment & Tools;

/** A client's secret in rotation, and the version that will become current. */
export interface Rotation {
  readonly clientId: string;
  readonly secretId: string;
  readonly versionId: string;
}

/** A step. Each may run again at any time, after its own failure or that of a later step. */
export type Step = (rotation: Rotation, options: RotationOptions) => Promise<void>;

/**
 * Validity of a token beyond its rotation interval, in milliseconds: the time to repair a failing rotation before its
 * client is locked out.
 */
export const REPAIR_MS = 7 * 86_400_000;

/**
 * Time after which no task uses a list older than the new token, in milliseconds. A task that gets an unknown token
 * reads the list again unless it is younger than `UNKNOWN_MAX_AGE_MS`; the time is doubled for slow responses.
 */
const SETTLE_MS = 2 * UNKNOWN_MAX_AGE_MS;

/**
 * The four steps of a rotation, in the order in which Secrets Manager calls them. A token that the client could have
 * read is never refused: the list has the new token before the client gets it, and the old token gets its end only
 * afterwards.
 */
export const STEPS = {
  /** Makes the new token, once. */
  async createSecret({ secretId, versionId }, { store }) {
    if ((await store.read(secretId, versionId)) !== undefined) return;
    await store.put(secretId, versionId, randomBytes(32).toString('base64url'), PENDING);
  },

  /** Adds the new token's hash to the list, beside the old one's. */
  async setSecret(rotation, options) {
    const pending = await readPending(rotation, options);
    await options.store.update(options.tokensSecretId, (document) =>
      withToken(document, rotation.clientId, pending, options),
    );
  },

  /**
   * Verifies the new token with the service's own code and the same list. The service itself is not called: a rotation
   * would then depend on DNS, certificate and firewall, and the function on network access to them.
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
    if (clientId !== rotation.clientId) throw new Error(`the token belongs to ${clientId}`);
  },

  /** Gives the new token to the client, then sets the old token's end. */
  async finishSecret(rotation, options) {
    const { clientId, secretId, versionId } = rotation;
    const { store, tokensSecretId, graceMs, now } = options;
    const pending = await readPending(rotation, options);
    const { current } = await store.describe(secretId);
    if (current !== versionId) await store.promote(secretId, current, versionId);
    await store.update(tokensSecretId, (document) => {
      // Again, because an older list may have been stored meanwhile.
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
  if (version === undefined) throw new Error(`version ${versionId} has no value; run createSecret first`);
  return version;
}
