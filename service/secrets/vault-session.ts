import { field } from '../json-field.ts';
import { encodePath, isVaultPath } from './reference.ts';
import { HEADER_SAFE, type SendToVault } from './vault-http.ts';

export interface VaultSessionOptions {
  readonly send: SendToVault;
  readonly credential: ReadCredential;
  /** `VAULT_APPROLE_MOUNT`: mount path of the AppRole method below `auth/`. @default approle */
  readonly appRoleMount: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Reads `VAULT_TOKEN`, `VAULT_ROLE_ID` or `VAULT_SECRET_ID`, without a cache. */
export type ReadCredential = (
  name: 'VAULT_TOKEN' | 'VAULT_ROLE_ID' | 'VAULT_SECRET_ID',
) => Promise<string | undefined>;

/** A Vault token that is renewed as long as Vault allows. */
export interface VaultSession {
  /** A token whose lease has not ended; logs in if necessary. @throws Error with a cause fit for a message */
  token(): Promise<string>;
  /**
   * Checks with Vault whether a token is still valid after a refused read, and drops it if not. A read that policies
   * deny does not cause a login, because each login takes one of the uses of a SecretID.
   *
   * @returns whether a retry with another token makes sense
   */
  discard(token: string): Promise<boolean>;
}

interface Login {
  readonly token: string;
  readonly at: number;
  /** Whether it comes from VAULT_TOKEN, so that replacing it costs no login. */
  readonly given: boolean;
  /** Monotonic milliseconds; `Infinity` for a token without a lease. */
  endsAt: number;
}

/** Part of a lease after which it is renewed. */
const RENEW_AT = 2 / 3;
/** A token that expires sooner than this is replaced before use, in milliseconds. */
const MARGIN_MS = 1000;
/** A token younger than this is not the reason for a refusal, in milliseconds. */
const SETTLED_MS = 5000;
/** The same for a token that may not look itself up, so that a revoked token and a denied read look alike. */
const BLIND_MS = 15 * 60_000;
/** Longest delay of a timer, in milliseconds. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** @throws Error when `VAULT_APPROLE_MOUNT` is not a path */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the functions share the state of one session
export function createVaultSession({
  send,
  credential,
  appRoleMount: mount = 'approle',
  now,
}: VaultSessionOptions): VaultSession {
  if (!isVaultPath(mount))
    throw new Error(
      'VAULT_APPROLE_MOUNT must be the path of the AppRole method below auth/, such as approle',
    );
  let current: Login | undefined;
  let pending: Promise<Login> | undefined;
  /** Whether a token fresh from a login may not look itself up: its role lacks Vault's default policy. */
  let blind = false;

  async function logIn(): Promise<Login> {
    const given = await credential('VAULT_TOKEN');
    if (given !== undefined) return begin(given, await leaseOf(given), true);
    const [roleId, secretId] = [await credential('VAULT_ROLE_ID'), await credential('VAULT_SECRET_ID')];
    if (roleId === undefined || secretId === undefined) {
      throw new Error('set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID');
    }
    const body = { role_id: roleId, secret_id: secretId };
    const { status, json } = await send({ method: 'POST', path: `auth/${encodePath(mount)}/login`, body });
    if (status !== 200) {
      throw new Error(
        `Vault refused the login with VAULT_ROLE_ID and VAULT_SECRET_ID at auth/${mount} (${status}); ` +
          'a wrapped SecretID is not supported, unwrap it first',
      );
    }
    const auth = field(json, 'auth');
    const token = field(auth, 'client_token');
    if (typeof token !== 'string') throw new Error('the response to the login has no token');
    return begin(token, auth, false);
  }

  /** Lease of a token from VAULT_TOKEN. If a policy hides the lease, the token counts as one without a lease. */
  async function leaseOf(token: string): Promise<unknown> {
    if (!HEADER_SAFE.test(token)) throw new Error('VAULT_TOKEN is not a valid token');
    const { status, json } = await lookUp(token);
    const data = field(json, 'data');
    const lease = { lease_duration: field(data, 'ttl'), renewable: field(data, 'renewable') };
    return status === 200 ? lease : undefined;
  }

  const lookUp = (token: string) => send({ method: 'GET', path: 'auth/token/lookup-self', token });

  function begin(token: string, lease: unknown, given: boolean): Login {
    if (!HEADER_SAFE.test(token)) throw new Error('the response to the login has no usable token');
    const login: Login = { token, at: now(), given, endsAt: Number.POSITIVE_INFINITY };
    extend(login, lease);
    return login;
  }

  function extend(login: Login, lease: unknown): void {
    const seconds = field(lease, 'lease_duration');
    if (typeof seconds !== 'number' || !(seconds > 0)) return;
    login.endsAt = now() + seconds * 1000;
    if (field(lease, 'renewable') === true) planRenewal(login);
  }

  /** Renews at two thirds of the remaining time, repeatedly, so one failed attempt is not the end. */
  function planRenewal(login: Login): void {
    const leftMs = login.endsAt - now();
    // The timer does not keep the process alive.
    if (leftMs > MARGIN_MS)
      setTimeout(() => void renew(login), Math.min(leftMs * RENEW_AT, MAX_DELAY_MS)).unref();
  }

  /** A failure is reported by the read that finds the lease ended. */
  async function renew(login: Login): Promise<void> {
    if (current !== login) return;
    const request = { method: 'POST', path: 'auth/token/renew-self', token: login.token, body: {} } as const;
    const answer = await send(request).catch(() => undefined);
    if (answer?.status === 200) extend(login, Object(answer.json).auth);
    else planRenewal(login);
  }

  return {
    async token() {
      if (current !== undefined && now() < current.endsAt - MARGIN_MS) return current.token;
      pending ??= logIn().finally(() => {
        pending = undefined;
      });
      current = await pending;
      return current.token;
    },
    async discard(token) {
      const login = current;
      if (login?.token !== token) return true;
      // A failed lookup says nothing about the token.
      const { status } = (await lookUp(token).catch(() => undefined)) ?? { status: 200 };
      const age = now() - login.at;
      const fresh = age < SETTLED_MS;
      if (status !== 403) return false;
      if (fresh) blind = !login.given;
      if (fresh || (blind && age < BLIND_MS)) return false;
      if (current === login) current = undefined;
      return true;
    },
  };
}
