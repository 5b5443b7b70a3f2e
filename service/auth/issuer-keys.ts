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
   * The keys in force. Compare by identity: every fetch makes a new object.
   *
   * @throws ServiceError `issuer_unavailable` when there are none
   */
  inForce(): Promise<object>;
  /**
   * Finds the key that a token's header names.
   *
   * @throws ServiceError `issuer_unavailable` when there are no keys, or when only old keys are cached, none matches
   * and the issuer is unreachable; JOSEError when no key matches, or more than one
   */
  find(header: JWTHeaderParameters): Promise<CryptoKey>;
  /** Fetches the keys now unless a fetch is already running. @returns whether that succeeded */
  refresh(): Promise<boolean>;
}

/** Age at which keys in use are fetched again in the background, in milliseconds. */
const REFRESH_MS = 5 * 60_000;
/** Age at which a request waits for fresh keys, in milliseconds: a withdrawn key is trusted no longer than this. */
const MAX_AGE_MS = 10 * 60_000;
/** Maximum age of keys while the issuer is unreachable, in milliseconds; after that every token is refused. */
const KEEP_MS = 60 * 60_000;
/** Minimum time between fetches for unknown key ids, in milliseconds: any caller can send unknown key ids. */
const COOLDOWN_MS = 30_000;
/** Pause after a failed fetch, in milliseconds. */
const RETRY_MS = 5_000;
/**
 * How long a failed fetch marks the issuer as down, in milliseconds. After that a request waits for another attempt.
 */
const DOWN_MS = 30_000;

/** Caches the issuer's keys. Concurrent callers share one fetch. */
export function createIssuerKeys({ load, now, logger }: IssuerKeysOptions): IssuerKeys {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  /** When the last fetch failed; `-Infinity` if it did not. */
  let failedAt = Number.NEGATIVE_INFINITY;
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
      failedAt = Number.NEGATIVE_INFINITY;
      return true;
    } catch (error) {
      // The last valid keys stay: an unusable key set is an outage, not a revocation of all keys.
      failedAt = now();
      const usable = keys === undefined ? {} : { ageSeconds: Math.round(age() / 1000) };
      logger.error('issuer_keys_failed', { ...usable, ...describeError(error) });
      return false;
    }
  }

  const age = () => now() - loadedAt;
  const sinceFailure = () => now() - failedAt;

  async function current(): Promise<NonNullable<typeof keys>> {
    if (age() >= REFRESH_MS && sinceFailure() >= RETRY_MS) {
      // While the issuer is known to be down, callers do not wait for another attempt.
      const wait = age() >= KEEP_MS || (age() >= MAX_AGE_MS && sinceFailure() >= DOWN_MS);
      const refreshed = refresh();
      if (wait) await refreshed;
    }
    if (keys !== undefined && age() < KEEP_MS) return keys;
    throw unavailable('no keys of the issuer');
  }

  return {
    inForce: current,
    refresh,
    async find(header) {
      const known = await current();
      try {
        return await known(header);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        if (age() >= COOLDOWN_MS && sinceFailure() >= RETRY_MS) await refresh();
        // Another request may have fetched new keys meanwhile.
        if (keys !== known) return await (await current())(header);
        // The issuer may have rotated its key since. If it is unreachable, the failure is ours, not the client's.
        const down = Number.isFinite(failedAt) && age() >= REFRESH_MS;
        throw down ? unavailable('no such key in old keys of the issuer') : error;
      }
    },
  };
}

function unavailable(reason: string): ServiceError {
  const headers = { 'Retry-After': String(RETRY_MS / 1000) };
  return new ServiceError('issuer_unavailable', { reason, headers });
}
