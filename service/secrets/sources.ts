import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { field, isRecord } from '../json-field.ts';
import { readKeychain } from './keychain.ts';
import { formatSecretReference, parseSecretReference, type SecretReference } from './reference.ts';
import { createVault, type ReadVault } from './vault.ts';
import type { ReadCredential } from './vault-session.ts';

const EMPTY = 'it is empty or not a string';

/** Default timeout of one request to the store, including a retry, in milliseconds. */
export const STORE_TIMEOUT_MS = 3_000;

/** A secret is unreadable or unusable. The message names the reference and the cause, never the value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  /** Whether Secrets Manager has no such secret, no value of it yet, or an empty one. */
  readonly missing: boolean;

  constructor(reference: SecretReference, why: string, options?: ErrorOptions) {
    super(`cannot read secret ${formatSecretReference(reference)}: ${why}`, options);
    this.missing =
      why === 'ResourceNotFoundException' || (why === EMPTY && reference.scheme === 'aws-secretsmanager');
  }
}

export interface SecretSourceOptions {
  /**
   * Values of `env:` references, and Vault settings: `VAULT_ADDR`, `VAULT_NAMESPACE`, `VAULT_TOKEN` or `VAULT_ROLE_ID`
   * with `VAULT_SECRET_ID` (`VAULT_APPROLE_MOUNT`).
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Timeout of one request to the store in milliseconds, including a retry. @default STORE_TIMEOUT_MS */
  readonly timeoutMs?: number;
  /** @default - this machine's */
  readonly platform?: NodeJS.Platform;
  /** Path of macOS's keychain program. @default /usr/bin/security */
  readonly security?: string | undefined;
  /** Monotonic milliseconds. @default - of this process */
  readonly now?: () => number;
}

/**
 * Reads the secret that a reference names.
 *
 * @param maxAgeMs maximum age of a cached value, in milliseconds, while the store is reachable
 * @throws SecretError
 */
export type ReadSecret = (reference: SecretReference, maxAgeMs?: number) => Promise<string>;

/** Reads secrets without a cache. */
export function createSecretSource(options: SecretSourceOptions): ReadSecret {
  const { env, timeoutMs = STORE_TIMEOUT_MS, platform = process.platform, security } = options;
  const { now = () => performance.now() } = options;
  const clients = new Map<string | undefined, SecretsManagerClient>();
  let vault: ReadVault | undefined;

  async function readSecretsManager(secretId: string): Promise<string | undefined> {
    // Loaded on first use: it takes half of the start-up time, and the local profile does not need it.
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    // An ARN contains its region; a name is in the task's region (AWS_REGION).
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

  /** Vault credentials are in a variable, or in a secret that the variable refers to. */
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
    if (value === undefined || value === '') throw new SecretError(reference, EMPTY);
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
  const picked = isRecord(document) && Object.hasOwn(document, key) ? document[key] : undefined;
  if (typeof picked !== 'string') throw new Error('it has no such key with a string value');
  return picked;
}

/** AWS and system errors are reported by name (AccessDeniedException, ENOENT); their messages may quote anything. */
function causeOf(error: unknown): string {
  if (!isNativeError(error)) return typeof error;
  const code = field(error, 'code');
  if (typeof code === 'string') return code;
  return error.name === 'Error' || error.name === 'SecretError' ? error.message : error.name;
}
