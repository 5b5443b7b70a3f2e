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
}

/** What is known of a secret without reading it. */
export interface SecretDescription {
  /** Staging labels by version. */
  readonly stages: ReadonlyMap<string, readonly string[]>;
  /** The version that readers get. */
  readonly current: string | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** The operations of Secrets Manager that rotation is made of. */
export interface SecretStore {
  describe(secretId: string): Promise<SecretDescription>;
  /** @param versionId @default - the version that readers get. @returns undefined when there is no value */
  read(secretId: string, versionId?: string): Promise<SecretVersion | undefined>;
  /** Gives a version its value, under a staging label. */
  put(secretId: string, versionId: string | undefined, value: string, stage: string): Promise<string>;
  /** Makes readers get another version. @throws an error of Secrets Manager when they do not get `from` any more */
  promote(secretId: string, from: string | undefined, to: string): Promise<void>;
  /** Replaces the value that readers get by what `change` makes of it, and loses nobody's change in between. */
  update(secretId: string, change: (value: string) => string): Promise<void>;
  /** When the value that readers get was put, in epoch milliseconds. @returns undefined when there is none */
  changedAt(secretId: string): Promise<number | undefined>;
}

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
/** Label of a value that is about to be promoted; one version has it at a time, so none is kept for its sake. */
const CANDIDATE = 'CANDIDATE';
/** Each attempt makes a version, of which Secrets Manager keeps about a hundred a day. */
const MAX_ATTEMPTS = 5;
/** Longest random pause after somebody else was faster, in milliseconds. */
const MAX_PAUSE_MS = 1000;

/** @param pause waits, in milliseconds */
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

    async read(secretId, versionId) {
      try {
        const answer = await client.send(
          new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }),
        );
        const { VersionId, SecretString } = answer;
        if (VersionId === undefined || SecretString === undefined) return undefined;
        return { versionId: VersionId, value: SecretString };
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
        // An attempt whose answer was lost has moved the label, and the next one does not find it where it was.
        if (!isConflict(error) || (await store.describe(secretId)).current !== to) throw error;
      }
    },

    async update(secretId, change) {
      for (let attempt = 1; ; attempt++) {
        const current = await store.read(secretId);
        if (current === undefined) throw new Error(`${secretId} has no value`);
        const changed = change(current.value);
        if (changed === current.value) return;
        const candidate = await store.put(secretId, undefined, changed, CANDIDATE);
        try {
          // The label moves only if it is still where it was: whoever put a value meanwhile is not overwritten.
          await store.promote(secretId, current.versionId, candidate);
          return;
        } catch (error) {
          if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
          await pause(randomInt(MAX_PAUSE_MS));
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

/** What Secrets Manager says to a label that is not where the caller believes it to be. */
function isConflict(error: unknown): boolean {
  return ['InvalidParameterException', 'InvalidRequestException'].includes((error as Error).name);
}
