import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { formatSecretReference, type SecretReference } from './reference.ts';

/** A secret could not be read. Its message names the reference and the cause, never the value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';

  constructor(reference: SecretReference, why: string, options?: ErrorOptions) {
    super(`cannot read secret ${formatSecretReference(reference)}: ${why}`, options);
  }
}

export interface SecretSourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for the store in milliseconds, retry included. @default 3000 */
  readonly timeoutMs?: number;
}

/** Reads a secret where its reference says, without any cache. @throws SecretError */
export type ReadSecret = (reference: SecretReference) => Promise<string>;

export function createSecretSource({ env, timeoutMs = 3000 }: SecretSourceOptions): ReadSecret {
  const clients = new Map<string | undefined, SecretsManagerClient>();

  async function readSecretsManager(secretId: string): Promise<string | undefined> {
    // Loaded on first use: it is half of the start-up time, and the local profile does not need it.
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    // An ARN knows its region; a bare name is in the region of the task (AWS_REGION).
    const region = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId)?.[1];
    const client =
      clients.get(region) ?? new SecretsManagerClient({ maxAttempts: 2, ...(region && { region }) });
    clients.set(region, client);
    const answer = await client.send(new GetSecretValueCommand({ SecretId: secretId }), {
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
    return answer.SecretString;
  }

  return async (reference) => {
    let value: string | undefined;
    try {
      if (reference.scheme === 'env') value = env[reference.name];
      else if (reference.scheme === 'file')
        value = (await readFile(reference.path, 'utf8')).replace(/\r?\n$/, '');
      else value = pick(await readSecretsManager(reference.secretId), reference.jsonKey);
    } catch (error) {
      throw new SecretError(reference, causeOf(error));
    }
    if (value === undefined || value === '') throw new SecretError(reference, 'it is empty or not a text');
    return value;
  };
}

function pick(value: string | undefined, jsonKey: string | undefined): string | undefined {
  if (value === undefined || jsonKey === undefined) return value;
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch {
    throw new Error('it is not JSON, so it has no keys');
  }
  const picked = Object.hasOwn(Object(document), jsonKey)
    ? (document as Record<string, unknown>)[jsonKey]
    : undefined;
  if (typeof picked !== 'string') throw new Error('it has no such key with a text');
  return picked;
}

/** AWS and system errors are told by their names (AccessDeniedException, ENOENT); their messages may quote anything. */
function causeOf(error: unknown): string {
  if (!isNativeError(error)) return typeof error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return error.name === 'Error' ? error.message : error.name;
}
