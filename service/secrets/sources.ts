import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readKeychain } from './keychain.ts';
import { formatSecretReference, parseSecretReference, type SecretReference } from './reference.ts';
import { createVault, type ReadVault } from './vault.ts';
import type { ReadCredential } from './vault-session.ts';

/** A secret could not be read, or not be used. Its message names the reference and the cause, never the value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  /** Whether the store answered that there is no such secret, or that it has no value yet. */
  readonly missing: boolean;

  constructor(reference: SecretReference, why: string, options?: ErrorOptions) {
    super(`cannot read secret ${formatSecretReference(reference)}: ${why}`, options);
    this.missing = why === 'ResourceNotFoundException';
  }
}

export interface SecretSourceOptions {
  /** What `env:` reads, and how to reach Vault: `VAULT_ADDR`, `VAULT_NAMESPACE`, `VAULT_TOKEN` or `VAULT_ROLE_ID` with `VAULT_SECRET_ID` (`VAULT_APPROLE_MOUNT`). */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for one answer of the store in milliseconds, retry included. @default 3000 */
  readonly timeoutMs?: number;
  /** @default - this machine's */
  readonly platform?: NodeJS.Platform;
  /** macOS's program for the keychain. @default /usr/bin/security */
  readonly security?: string | undefined;
  /** Monotonic milliseconds. @default - of this process */
  readonly now?: () => number;
}

/**
 * Reads a secret where its reference says.
 *
 * @param maxAgeMs what a cache may answer with at most, in milliseconds, while the store answers
 * @throws SecretError
 */
export type ReadSecret = (reference: SecretReference, maxAgeMs?: number) => Promise<string>;

/** Reads without any cache. */
export function createSecretSource(options: SecretSourceOptions): ReadSecret {
  const { env, timeoutMs = 3000, platform = process.platform, security } = options;
  const { now = () => performance.now() } = options;
  const clients = new Map<string | undefined, SecretsManagerClient>();
  let vault: ReadVault | undefined;

  async function readSecretsManager(secretId: string): Promise<string | undefined> {
    // Loaded on first use: it is half of the start-up time, and the local profile does not need it.
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    // An ARN knows its region; a bare name is in the region of the task (AWS_REGION).
    const region = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId)?.[1];
    const client =
      clients.get(region) ?? new SecretsManagerClient({ maxAttempts: 2, ...(region && { region }) });
    clients.set(region, client);
    const abortSignal = AbortSignal.timeout(timeoutMs);
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId: secretId }), { abortSignal }))
        .SecretString;
    } catch (error) {
      if (abortSignal.aborted) throw new Error(`Secrets Manager did not answer within ${timeoutMs} ms`);
      throw error;
    }
  }

  /** What opens Vault stands in a variable, or in a secret that the variable refers to. */
  const credential: ReadCredential = async (name) => {
    const text = env[name];
    if (!text || !/^(?:env|file|aws-secretsmanager|keychain):/.test(text)) return text || undefined;
    try {
      return await read(parseSecretReference(text));
    } catch (error) {
      throw new Error(`${name}: ${causeOf(error)}`);
    }
  };

  async function find(reference: SecretReference): Promise<string | undefined> {
    switch (reference.scheme) {
      case 'env':
        return Object.hasOwn(env, reference.name) ? env[reference.name] : undefined;
      case 'file':
        return (await readFile(reference.path, 'utf8')).replace(/\r?\n$/, '');
      case 'aws-secretsmanager':
        return fromJson(await readSecretsManager(reference.secretId), reference.jsonKey);
      case 'vault':
        vault ??= createVault({ env, credential, timeoutMs, now });
        return pick(await vault(reference), reference.key);
      case 'keychain':
        return readKeychain(reference, { env, platform, security });
    }
  }

  async function read(reference: SecretReference): Promise<string> {
    let value: string | undefined;
    try {
      value = await find(reference);
    } catch (error) {
      throw new SecretError(reference, causeOf(error));
    }
    if (value === undefined || value === '') throw new SecretError(reference, 'it is empty or not a text');
    return value;
  }

  return read;
}

function fromJson(value: string | undefined, jsonKey: string | undefined): string | undefined {
  if (value === undefined || jsonKey === undefined) return value;
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch {
    throw new Error('it is not JSON, so it has no keys');
  }
  return pick(document, jsonKey);
}

function pick(document: unknown, key: string): string {
  // A text has keys too: its characters.
  const owned = typeof document === 'object' && document !== null && Object.hasOwn(document, key);
  const picked = owned && !Array.isArray(document) ? (document as Record<string, unknown>)[key] : undefined;
  if (typeof picked !== 'string') throw new Error('it has no such key with a text');
  return picked;
}

/** AWS and system errors are told by their names (AccessDeniedException, ENOENT); their messages may quote anything. */
function causeOf(error: unknown): string {
  if (!isNativeError(error)) return typeof error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return error.name === 'Error' || error.name === 'SecretError' ? error.message : error.name;
}
