import { setTimeout as pause } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretStore } from '../functions/rotation/secret-store.ts';
import { readListFile, updateListFile } from './list-file.ts';

/** Where a list is: in Secrets Manager, or in a file. */
export type Place = { readonly secret: string } | { readonly file: string };

/** The place of a command line. @throws Error unless it names exactly one */
export function placeOf({ secret, file }: { secret?: string | undefined; file?: string | undefined }): Place {
  if (secret !== undefined && file === undefined) return { secret };
  if (file !== undefined && secret === undefined) return { file };
  throw new Error('exactly one of --secret and --file is required');
}

/** A list that several administrators, and the rotation, may change at the same time. No change is lost. */
export interface StoredList {
  /** @throws Error when there is no list */
  read(): Promise<string>;
  /** Applies a change to the latest document; repeats it if the document changed meanwhile. */
  update(change: (document: string) => string): Promise<void>;
}

/** @param empty the document of a new file */
export function storedList(place: Place, empty: string): StoredList {
  if ('secret' in place) {
    const { secret } = place;
    const [, region] = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secret) ?? [];
    const store = createSecretStore(new SecretsManagerClient({ ...(region && { region }) }), pause);
    return {
      read: async () => found(secret, (await store.read(secret))?.value),
      update: (change) => store.update(secret, change),
    };
  }
  const { file } = place;
  return {
    read: async () => found(file, await readListFile(file)),
    update: (change) => updateListFile(file, (document) => change(document ?? empty)),
  };
}

function found(where: string, text: string | undefined): string {
  if (text === undefined) throw new Error(`${where} does not exist or is empty`);
  return text;
}
