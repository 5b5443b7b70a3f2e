import { type CryptoKey, createLocalJWKSet, errors, type JWK, type JWTHeaderParameters } from 'jose';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';

export interface IssuerKeysOptions {
  /** Fetches the issuer's keys; bounded in time, bytes and number. */
  readonly load: () => Promise<JWK[]>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

export interface IssuerKeys {
  /**
   * The key that a token's header names.
   *
   * @throws ServiceError `issuer_unavailable` when there are no keys to look in; a JOSEError when none fits, or more
   * than one does
   */
  find(header: JWTHeaderParameters): Promise<CryptoKey>;
  /** Fetches the keys now, if no fetch is under way. @returns whether that succeeded */
  refresh(): Promise<boolean>;
}

/** Age at which keys in use are fetched again in the background, in milliseconds. */
const REFRESH_MS = 5 * 60_000;
/** Age at which a request waits for fresh keys: a key that the issuer has withdrawn is believed no longer than this. */
const MAX_AGE_MS = 10 * 60_000;
/** Age up to which the last good keys serve while the issuer cannot be reached; then nobody gets in. */
const KEEP_MS = 60 * 60_000;
/** An unknown key id makes us look again at most this often: anybody can send unknown key ids. */
const COOLDOWN_MS = 30_000;
/** Pause after a failed fetch. */
const RETRY_MS = 5_000;

/** The issuer's keys, cached. One fetch at a time, whoever waits for it. */
export function createIssuerKeys({ load, now, logger }: IssuerKeysOptions): IssuerKeys {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let retryAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let pending: Promise<boolean> | undefined;

  function refresh(): Promise<boolean> {
    pending ??= fetchKeys().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  async function fetchKeys(): Promise<boolean> {
    try {
      keys = createLocalJWKSet({ keys: await load() });
      loadedAt = now();
      failing = false;
    } catch (error) {
      // The last good keys stay: a key set that cannot be used is an outage, not a revocation of everything.
      failing = true;
      retryAt = now() + RETRY_MS;
      const ageSeconds = keys === undefined ? undefined : Math.round((now() - loadedAt) / 1000);
      logger.error('issuer_keys_failed', { ageSeconds, ...describeError(error) });
    }
    return !failing;
  }

  const age = () => now() - loadedAt;

  async function current(): Promise<NonNullable<typeof keys>> {
    if (age() >= REFRESH_MS && now() >= retryAt) {
      const refreshed = refresh();
      // While the issuer is known to be down, waiting for it again would make our callers pay for the outage.
      if (age() >= KEEP_MS || (age() >= MAX_AGE_MS && !failing)) await refreshed;
    }
    if (keys !== undefined && age() < KEEP_MS) return keys;
    throw new ServiceError('issuer_unavailable', {
      reason: 'no keys of the issuer',
      headers: { 'Retry-After': String(RETRY_MS / 1000) },
    });
  }

  return {
    refresh,
    async find(header) {
      const known = await current();
      try {
        return await known(header);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        const mayLookAgain = age() >= COOLDOWN_MS && now() >= retryAt;
        // Another request may have looked meanwhile.
        if (mayLookAgain ? !(await refresh()) : keys === known) throw error;
        return await (await current())(header);
      }
    },
  };
}
