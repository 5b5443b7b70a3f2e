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
   * The keys in force, as an object to compare: every fetch makes another.
   *
   * @throws ServiceError `issuer_unavailable` when there are none
   */
  inForce(): Promise<object>;
  /**
   * The key that a token's header names.
   *
   * @throws ServiceError `issuer_unavailable` when there are no keys to look in, or only old ones, none of which fits,
   * while the issuer cannot be asked for its newest; a JOSEError when none fits, or more than one does
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
/** How long a failed fetch says that the issuer is down. After a quiet time it may be back: then a request waits. */
const DOWN_MS = 30_000;

/** The issuer's keys, cached. One fetch at a time, whoever waits for it. */
export function createIssuerKeys({ load, now, logger }: IssuerKeysOptions): IssuerKeys {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  /** When the last fetch failed, if it did. */
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
      // The last good keys stay: a key set that cannot be used is an outage, not a revocation of everything.
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
      // While the issuer is known to be down, waiting for it again would make our callers pay for the outage.
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
        // Another request may have looked meanwhile.
        if (keys !== known) return await (await current())(header);
        // The issuer may have changed its key since. That we cannot ask it is our fault, not the client's.
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
