import { randomInt } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** One version of a secret with its value. */
export interface SecretVersion {
  readonly versionId: string;
  readonly value: string;
  /** Its staging labels. */
  readonly stages: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Metadata of a secret, without its value. */
export interface SecretDescription {
  /** Staging labels by version. */
  readonly stages: ReadonlyMap<string, readonly string[]>;
  /** The version that readers get (AWSCURRENT). */
  readonly current: string | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** The Secrets Manager operations that rotation needs. */
export interface SecretStore {
  describe(secretId: string): Promise<SecretDescription>;
  /** @param version @default - the version that readers get. @returns undefined when there is no value */
  read(
    secretId: string,
    version?: { readonly versionId: string } | { readonly stage: string },
  ): Promise<SecretVersion | undefined>;
  /** Stores the value of a version, under a staging label. */
  put(secretId: string, versionId: string | undefined, value: string, stage: string): Promise<string>;
  /** Makes another version current. @throws an error of Secrets Manager when `from` is no longer current */
  promote(secretId: string, from: string | undefined, to: string): Promise<void>;
  /**
   * Replaces the current value with the result of `change`, without losing a concurrent change. After a concurrent
   * change it waits for a random time and calls `change` with the new value.
   *
   * @throws Error when the result is too large for Secrets Manager, or after eight attempts, within 40 seconds
   */
  update(secretId: string, change: (value: string) => string | Promise<string>): Promise<void>;
  /** When the current value was stored, in epoch milliseconds. @returns undefined when there is none */
  changedAt(secretId: string): Promise<number | undefined>;
}

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
/**
 * Label of a value that is about to become current. Only one version has it at a time, so no version is kept because of
 * it.
 */
const CANDIDATE = 'CANDIDATE';
/**
 * Each attempt creates a version. Secrets Manager keeps every version for 24 hours, and refuses another when there are
 * about a hundred (Secrets Manager user guide, "AWS Secrets Manager quotas").
 */
const MAX_ATTEMPTS = 8;
/** Longest random pause after the first conflict, in milliseconds. It doubles with each further conflict. */
const FIRST_PAUSE_MS = 1000;
/** Longest random pause, in milliseconds. All pauses of an update together are shorter than 40 s. */
const MAX_PAUSE_MS = 8000;
/** Largest value that Secrets Manager stores (user guide, "AWS Secrets Manager quotas"). */
const MAX_VALUE_BYTES = 65_536;

/** @param pause waits for a time in milliseconds */
export function createSecretStore(
  client: SecretsManagerClient,
  pause: (ms: number) => Promise<unknown>,
): SecretStore {
  const store: SecretStore = {
    async describe(secretId) {
      const answer = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
      const stages = new Map(Object.entries(answer.VersionIdsToStages ?? {}));
      const [current] = [...stages].find(([, labels]) => labels.includes(CURRENT)) ?? [];
      return { stages, current, createdAt: answer.CreatedDate?.getTime() ?? 0 };
    },

    async read(secretId, version = { stage: CURRENT }) {
      const which = 'stage' in version ? { VersionStage: version.stage } : { VersionId: version.versionId };
      try {
        const answer = await client.send(new GetSecretValueCommand({ SecretId: secretId, ...which }));
        const { VersionId, SecretString, VersionStages: stages = [], CreatedDate } = answer;
        if (VersionId === undefined || SecretString === undefined) return undefined;
        const createdAt = CreatedDate?.getTime() ?? 0;
        return { versionId: VersionId, value: SecretString, stages, createdAt };
      } catch (error) {
        if ((error as Error).name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },

    async put(secretId, versionId, value, stage) {
      const answer = await client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: versionId,
          SecretString: value,
          VersionStages: [stage],
        }),
      );
      return answer.VersionId ?? '';
    },

    async promote(secretId, from, to) {
      const move = {
        SecretId: secretId,
        VersionStage: CURRENT,
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      };
      try {
        await client.send(new UpdateSecretVersionStageCommand(move));
      } catch (error) {
        // A retry after a lost response finds the label already moved.
        if (!isConflict(error) || (await store.describe(secretId)).current !== to) throw error;
      }
    },

    async update(secretId, change) {
      for (let attempt = 1; ; attempt++) {
        const current = await store.read(secretId);
        if (current === undefined) throw new Error(`${secretId} has no value`);
        const changed = await change(current.value);
        if (changed === current.value) return;
        const bytes = Buffer.byteLength(changed);
        if (bytes > MAX_VALUE_BYTES)
          throw new Error(
            `${secretId} would have ${bytes} bytes, and Secrets Manager stores at most ${MAX_VALUE_BYTES}; remove entries`,
          );
        const candidate = await store.put(secretId, undefined, changed, CANDIDATE);
        try {
          // The label moves only from the expected version, so a concurrent change is not overwritten.
          await store.promote(secretId, current.versionId, candidate);
          return;
        } catch (error) {
          if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
          await pause(randomInt(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), MAX_PAUSE_MS)));
        }
      }
    },

    async changedAt(secretId) {
      const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId: secretId }));
      const current = Versions.find(({ VersionStages }) => VersionStages?.includes(CURRENT));
      return current?.CreatedDate?.getTime();
    },
  };
  return store;
}

/** Whether Secrets Manager reports that the label is not on the expected version. */
function isConflict(error: unknown): boolean {
  return ['InvalidParameterException', 'InvalidRequestException'].includes((error as Error).name);
}
