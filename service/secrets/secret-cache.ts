import { describeError, type Logger } from '../logging/logger.ts';
import { formatSecretReference, type SecretReference } from './reference.ts';
import type { ReadSecret } from './sources.ts';

export interface SecretCacheOptions {
  readonly read: ReadSecret;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** How long a value is used, in milliseconds: a revoked secret is gone within this. @default 60000 */
  readonly ttlMs?: number;
  /** How long after a failed attempt the store is left alone, in milliseconds. @default 5000 */
  readonly retryMs?: number;
}

/** A value and how old it is. */
export interface DatedSecret {
  readonly value: string;
  /** Monotonic milliseconds when its reading began: whatever was changed in the store later may be missing. */
  readonly readAt: number;
}

export interface SecretCache {
  /** @throws SecretError when there is no value yet and none can be read */
  (reference: SecretReference, maxAgeMs?: number): Promise<string>;
  /** The same for a reader that has a bound on the age of what it goes on with while the store is down. */
  dated(reference: SecretReference, maxAgeMs?: number): Promise<DatedSecret>;
}

interface Entry {
  current: DatedSecret;
  /** When the last attempt failed; `-Infinity` if it did not. */
  failedAt: number;
  refresh?: Promise<void> | undefined;
}

const DEFAULT_TTL_MS = 60_000;
/** Part of its life after which a value that is in use is read again in the background. */
const REFRESH_AT = 0.75;
const DEFAULT_RETRY_MS = 5_000;

/**
 * Secrets by reference, cached. A value in use is refreshed ahead of its expiry, so no request waits for the store;
 * while the store is down the last good value stays in use and every failed attempt logs `secret_refresh_failed`.
 * The first reader that meets the outage waits for it, later ones do not. One that asks for a younger value waits
 * for one; simultaneous readers share one attempt.
 *
 * The cache sets no bound on how long that goes on, because it differs. What grants access has one: the token list
 * is refused when it was not read again for 15 minutes (service/auth/hashed-tokens.ts). What this server shows to
 * others has none: the upstream and the store refuse a withdrawn API key or password themselves, the audit key and
 * what opens Vault are read when they are needed, and ending any of them early would only lengthen an outage.
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
      // While the store is known to be down, waiting for it again would make every reader pay for the outage. One
      // that asks for a younger value than others do has a reason to wait.
      if (tooOld && (sinceFailure >= ttlMs || maxAgeMs !== undefined)) await refreshed;
    }
    return entry.current;
  }

  const readSecret = async (reference: SecretReference, maxAgeMs?: number) =>
    (await dated(reference, maxAgeMs)).value;
  return Object.assign(readSecret, { dated });
}
