import { describeError, type Logger } from '../logging/logger.ts';
import { formatSecretReference, type SecretReference } from './reference.ts';
import type { ReadSecret } from './sources.ts';

export interface SecretCacheOptions {
  readonly read: ReadSecret;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Lifetime of a value in milliseconds: a revoked secret is no longer used after this. @default 60000 */
  readonly ttlMs?: number;
  /** Pause after a failed attempt, in milliseconds. @default 5000 */
  readonly retryMs?: number;
}

/** A value and when it was read. */
export interface DatedSecret {
  readonly value: string;
  /** Monotonic milliseconds when the read began; later changes in the store may be missing. */
  readonly readAt: number;
}

export interface SecretCache {
  /** @throws SecretError when there is no value yet and none can be read */
  (reference: SecretReference, maxAgeMs?: number): Promise<string>;
  /** The same for a reader that bounds the age of a value during an outage of the store. */
  dated(reference: SecretReference, maxAgeMs?: number): Promise<DatedSecret>;
}

interface Entry {
  current: DatedSecret;
  /** When the last attempt failed; `-Infinity` if it did not. */
  failedAt: number;
  refresh?: Promise<void> | undefined;
}

const DEFAULT_TTL_MS = 60_000;
/** Part of its lifetime after which a value in use is read again in the background. */
const REFRESH_AT = 0.75;
const DEFAULT_RETRY_MS = 5_000;

/**
 * Caches secrets by reference. A value in use is refreshed before it expires, so no request waits for the store. While
 * the store is down the last valid value stays in use, and every failed attempt logs `secret_refresh_failed`. The first
 * reader during an outage waits for the attempt, later ones do not. A reader that asks for a younger value waits for
 * it; concurrent readers share one attempt.
 *
 * The cache does not bound how long an old value is used, because that depends on the secret. Secrets that grant access
 * have a bound: the token list is refused when it was not read for 15 minutes (service/auth/hashed-tokens.ts). Secrets
 * that this server presents to others have none: the upstream and the store refuse a revoked API key or password
 * themselves, and the audit key and Vault credentials are read when they are needed. Dropping any of them early would
 * only lengthen an outage.
 */
export function createSecretCache(options: SecretCacheOptions): SecretCache {
  const { read, now, logger, ttlMs = DEFAULT_TTL_MS, retryMs = DEFAULT_RETRY_MS } = options;
  const entries = new Map<string, Entry>();
  const first = new Map<string, Promise<DatedSecret>>();

  async function readNow(reference: SecretReference): Promise<DatedSecret> {
    const readAt = now();
    return { value: await read(reference), readAt };
  }

  function refresh(name: string, reference: SecretReference, entry: Entry): Promise<void> {
    entry.refresh ??= readNow(reference)
      .then((current) => {
        Object.assign(entry, { current, failedAt: Number.NEGATIVE_INFINITY });
      })
      .catch((error: unknown) => {
        entry.failedAt = now();
        const ageSeconds = Math.round((now() - entry.current.readAt) / 1000);
        logger.error('secret_refresh_failed', { reference: name, ageSeconds, ...describeError(error) });
      })
      .finally(() => {
        entry.refresh = undefined;
      });
    return entry.refresh;
  }

  async function dated(reference: SecretReference, maxAgeMs?: number): Promise<DatedSecret> {
    const name = formatSecretReference(reference);
    const entry = entries.get(name);
    if (entry === undefined) {
      const pending =
        first.get(name) ??
        readNow(reference)
          .then((current) => {
            entries.set(name, { current, failedAt: Number.NEGATIVE_INFINITY });
            return current;
          })
          .finally(() => first.delete(name));
      first.set(name, pending);
      return pending;
    }
    const age = now() - entry.current.readAt;
    const tooOld = age >= Math.min(maxAgeMs ?? ttlMs, ttlMs);
    const sinceFailure = now() - entry.failedAt;
    if ((tooOld || age >= ttlMs * REFRESH_AT) && sinceFailure >= retryMs) {
      const refreshed = refresh(name, reference, entry);
      // While the store is known to be down, readers do not wait for another attempt, unless they ask for a younger
      // value than others do.
      if (tooOld && (sinceFailure >= ttlMs || maxAgeMs !== undefined)) await refreshed;
    }
    return entry.current;
  }

  const readSecret = async (reference: SecretReference, maxAgeMs?: number) =>
    (await dated(reference, maxAgeMs)).value;
  return Object.assign(readSecret, { dated });
}
