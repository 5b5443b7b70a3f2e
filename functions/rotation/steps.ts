import { createHash, randomBytes, randomInt } from 'node:crypto';
import { createHashedTokenVerifier, UNKNOWN_MAX_AGE_MS } from '../../service/auth/hashed-tokens.ts';
import type { Logger } from '../../service/logging/logger.ts';
import type { ListEnvironment } from './environment.ts';
import { CURRENT, PENDING, type SecretStore, type SecretVersion } from './secret-store.ts';
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

/** Time for a turn to write the list, in milliseconds for each other declared client. */
const TURN_MS = 300;
/** Secrets Manager calls all steps of a rotation, and repeats failed ones, within this time, in milliseconds. */
const UNDER_WAY_MS = 600_000;

/**
 * The four steps of a rotation, in the order in which Secrets Manager calls them. A token that the client could have
 * read is never refused: the list has the new token before the client gets it, and the old token gets its end only
 * afterwards.
 */
export const STEPS = {
  /** Makes the new token, once. */
  async createSecret({ secretId, versionId }, { store }) {
    if ((await store.read(secretId, { versionId })) !== undefined) return;
    await store.put(secretId, versionId, randomBytes(32).toString('base64url'), PENDING);
  },

  /** Adds the new token's hash to the list, beside the old one's, and those of other clients in rotation. */
  async setSecret(rotation, options) {
    const pending = await readPending(rotation, options);
    await takeTurn(options);
    await options.store.update(options.tokensSecretId, async (document) => {
      const published = withToken(document, rotation.clientId, pending, options);
      return published === document ? document : publishOthers(published, rotation.clientId, options);
    });
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

  /** Gives the new token to the client, then sets the old token's end, and those of other clients' old tokens. */
  async finishSecret(rotation, options) {
    const { clientId, secretId, versionId } = rotation;
    const { store, tokensSecretId } = options;
    const pending = await readPending(rotation, options);
    const { current } = await store.describe(secretId);
    if (current !== versionId) await store.promote(secretId, current, versionId);
    await takeTurn(options);
    await store.update(tokensSecretId, async (document) => {
      // Again, because an older list may have been stored meanwhile.
      const published = withToken(document, clientId, pending, options);
      const retired = retireFor(published, clientId, versionId, options);
      return retired === document ? document : retireOthers(retired, clientId, options);
    });
  },
} as const satisfies Readonly<Record<string, Step>>;

/**
 * Waits for a random time, so that of many rotations at once the first one writes the list for all of them. Each write
 * makes a version of the list, and Secrets Manager keeps about a hundred a day.
 */
async function takeTurn({ clients, pause }: RotationOptions): Promise<void> {
  await pause(randomInt(1 + (clients.size - 1) * TURN_MS));
}

/** The list with the tokens of all other clients whose rotation is under way. */
function publishOthers(document: string, clientId: string, options: RotationOptions): Promise<string> {
  const { store, now } = options;
  return withOthers(document, clientId, options, async (other, secretId) => {
    const pending = await store.read(secretId, { stage: PENDING });
    // After its rotation, or if that was given up, the token may have been revoked: it is not added back.
    const isUnderWay =
      pending !== undefined && !pending.stages.includes(CURRENT) && now() - pending.createdAt < UNDER_WAY_MS;
    if (!isUnderWay) return (list) => list;
    return (list) => withToken(list, other, pending, options);
  });
}

/** The list with ends for the replaced tokens of all other clients that can already read their new one. */
function retireOthers(document: string, clientId: string, options: RotationOptions): Promise<string> {
  return withOthers(document, clientId, options, async (other, secretId) => {
    const { current } = await options.store.describe(secretId);
    return (list) => (current === undefined ? list : retireFor(list, other, current, options));
  });
}

/** Makes the changes for all other clients. A client whose secret cannot be read is left to its own rotation. */
async function withOthers(
  document: string,
  clientId: string,
  options: RotationOptions,
  changeOf: (other: string, secretId: string) => Promise<(list: string) => string>,
): Promise<string> {
  const others = [...options.clients.keys()].filter((other) => other !== clientId);
  const changes = await Promise.allSettled(
    others.map((other) => changeOf(other, clientSecretId(other, options))),
  );
  return changes.reduce(
    (list, change) => (change.status === 'fulfilled' ? change.value(list) : list),
    document,
  );
}

function retireFor(document: string, clientId: string, versionId: string, options: RotationOptions): string {
  return retire(document, clientId, { versionId, graceMs: options.graceMs, now: options.now() });
}

/** Name of the secret of a declared client. */
export function clientSecretId(
  clientId: string,
  { clientSecretPrefix }: Pick<RotationOptions, 'clientSecretPrefix'>,
): string {
  return `${clientSecretPrefix}${clientId}/token`;
}

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
  const version = await store.read(secretId, { versionId });
  if (version === undefined) throw new Error(`version ${versionId} has no value; run createSecret first`);
  return version;
}
