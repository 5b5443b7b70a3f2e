import { encodePath, type VaultReference } from './reference.ts';
import { createVaultHttp } from './vault-http.ts';
import { createVaultSession, type ReadCredential } from './vault-session.ts';

export interface VaultOptions {
  /** `VAULT_ADDR`, `VAULT_APPROLE_MOUNT` and, for Enterprise and HCP, `VAULT_NAMESPACE`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly credential: ReadCredential;
  /** Timeout of one request in milliseconds, including a retry. */
  readonly timeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Reads the keys of a secret in a KV version 2 engine. @throws Error with a cause fit for a message */
export type ReadVault = (reference: VaultReference) => Promise<unknown>;

export function createVault({ env, credential, timeoutMs, now }: VaultOptions): ReadVault {
  const send = createVaultHttp({ address: env['VAULT_ADDR'], namespace: env['VAULT_NAMESPACE'], timeoutMs });
  const appRoleMount = env['VAULT_APPROLE_MOUNT'] || undefined;
  const session = createVaultSession({ send, credential, appRoleMount, now });

  return async ({ mount, path }) => {
    const place = encodePath(`${mount}/data/${path}`);
    for (let first = true; ; first = false) {
      const token = await session.token();
      const { status, json } = await send({ method: 'GET', path: place, token });
      if (status === 200) return Object(Object(json).data).data;
      // The token may have been revoked, or its lease shortened.
      if (status === 403 && first && (await session.discard(token))) continue;
      throw new Error(refusal(status, mount));
    }
  };
}

function refusal(status: number, mount: string): string {
  if (status === 403)
    return 'Vault denies the read (403): the token is not valid or its policies do not allow it';
  if (status === 404) {
    return `Vault has no such secret, its latest version is deleted, or ${mount} is not a KV version 2 engine (404)`;
  }
  return `Vault refused the read (${status})`;
}
