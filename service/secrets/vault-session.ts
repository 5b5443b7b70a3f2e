import { encodePath, isVaultPath } from './reference.ts';
import { HEADER_SAFE, type SendToVault } from './vault-http.ts';

export interface VaultSessionOptions {
  readonly send: SendToVault;
  readonly credential: ReadCredential;
  /** `VAULT_APPROLE_MOUNT`: where the AppRole method is mounted below `auth/`. @default approle */
  readonly appRoleMount: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Reads `VAULT_TOKEN`, `VAULT_ROLE_ID` or `VAULT_SECRET_ID`, afresh each time. */
export type ReadCredential = (
  name: 'VAULT_TOKEN' | 'VAULT_ROLE_ID' | 'VAULT_SECRET_ID',
) => Promise<string | undefined>;

/** A token of Vault that is kept alive as long as Vault allows. */
export interface VaultSession {
  /** A token whose lease has not ended, from a login if need be. @throws Error with a cause fit for a message */
  token(): Promise<string>;
  /**
   * Asks Vault about a token with which a read was refused, and forgets it if Vault refuses it too. A read that the
   * policies deny is no reason for a login: each takes one of the uses of a SecretID.
   *
   * @returns whether another attempt, with another token, makes sense
   */
  discard(token: string): Promise<boolean>;
}

interface Login {
  readonly token: string;
  readonly at: number;
  /** Whether it is from VAULT_TOKEN, so that replacing it costs no login. */
  readonly given: boolean;
  /** Monotonic milliseconds; `Infinity` for a token without a lease. */
  endsAt: number;
}

/** Part of a lease after which it is renewed. */
const RENEW_AT = 2 / 3;
/** What ends sooner than this is replaced before it is used. */
const MARGIN_MS = 1000;
/** A token younger than this is not the reason of a refusal. */
const SETTLED_MS = 5000;
/** The same where a token may not ask about itself, so that nothing tells a revoked one from a denied read. */
const BLIND_MS = 15 * 60_000;
/** Longest delay of a timer. */
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
  /** Whether a token fresh from a login may not ask about itself: its role does without Vault's default policy. */
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
    const { auth } = Object(json) as { auth?: unknown };
    const { client_token: token } = Object(auth) as { client_token?: unknown };
    if (typeof token !== 'string') throw new Error('the answer to the login has no token');
    return begin(token, auth, false);
  }

  /** The lease of a token that was not logged in here; a policy that hides it makes it a token without one. */
  async function leaseOf(token: string): Promise<unknown> {
    if (!HEADER_SAFE.test(token)) throw new Error('VAULT_TOKEN is not a token');
    const { status, json } = await lookUp(token);
    const { ttl, renewable } = Object(Object(json).data) as { ttl?: unknown; renewable?: unknown };
    return status === 200 ? { lease_duration: ttl, renewable } : undefined;
  }

  const lookUp = (token: string) => send({ method: 'GET', path: 'auth/token/lookup-self', token });

  function begin(token: string, lease: unknown, given: boolean): Login {
    if (!HEADER_SAFE.test(token)) throw new Error('the answer to the login has no usable token');
    const login: Login = { token, at: now(), given, endsAt: Number.POSITIVE_INFINITY };
    extend(login, lease);
    return login;
  }

  function extend(login: Login, lease: unknown): void {
    const { lease_duration: seconds, renewable } = Object(lease) as Record<string, unknown>;
    if (typeof seconds !== 'number' || !(seconds > 0)) return;
    login.endsAt = now() + seconds * 1000;
    if (renewable === true) planRenewal(login);
  }

  /** Renews at two thirds of what is left, again and again, so one failed attempt is not the end. */
  function planRenewal(login: Login): void {
    const leftMs = login.endsAt - now();
    // The timer does not hold the process.
    if (leftMs > MARGIN_MS)
      setTimeout(() => void renew(login), Math.min(leftMs * RENEW_AT, MAX_DELAY_MS)).unref();
  }

  /** What fails here is told by the read that finds the lease ended. */
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
      // No answer says nothing about the token.
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
