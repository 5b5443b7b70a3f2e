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

interface Entry {
  value: string;
  readAt: number;
  /** No attempt before this: a store that is down must not cost every request a wait. */
  retryAt: number;
  refresh?: Promise<void> | undefined;
}

const DEFAULT_TTL_MS = 60_000;
/** Part of its life after which a value that is in use is read again in the background. */
const REFRESH_AT = 0.75;
const DEFAULT_RETRY_MS = 5_000;

/**
 * Secrets by reference, cached. A value in use is refreshed ahead of its expiry, so no request waits for the store;
 * while the store is down the last good value stays in use and every failed attempt logs `secret_refresh_failed`.
 * A reader that asks for a younger value waits for one; simultaneous readers share one attempt.
 */
export function createSecretCache(options: SecretCacheOptions): ReadSecret {
  const { read, now, logger, ttlMs = DEFAULT_TTL_MS, retryMs = DEFAULT_RETRY_MS } = options;
  const entries = new Map<string, Entry>();
  const first = new Map<string, Promise<string>>();

  function refresh(name: string, reference: SecretReference, entry: Entry): Promise<void> {
    entry.refresh ??= read(reference)
      .then((value) => {
        Object.assign(entry, { value, readAt: now(), retryAt: 0 });
      })
      .catch((error: unknown) => {
        entry.retryAt = now() + retryMs;
        const ageSeconds = Math.round((now() - entry.readAt) / 1000);
        logger.error('secret_refresh_failed', { reference: name, ageSeconds, ...describeError(error) });
      })
      .finally(() => {
        entry.refresh = undefined;
      });
    return entry.refresh;
  }

  return async (reference, maxAgeMs = ttlMs) => {
    const name = formatSecretReference(reference);
    const entry = entries.get(name);
    if (entry === undefined) {
      const pending =
        first.get(name) ??
        read(reference)
          .then((value) => {
            entries.set(name, { value, readAt: now(), retryAt: 0 });
            return value;
          })
          .finally(() => first.delete(name));
      first.set(name, pending);
      return pending;
    }
    const age = now() - entry.readAt;
    const tooOld = age >= Math.min(maxAgeMs, ttlMs);
    if ((tooOld || age >= ttlMs * REFRESH_AT) && now() >= entry.retryAt) {
      const refreshed = refresh(name, reference, entry);
      if (tooOld) await refreshed;
    }
    return entry.value;
  };
}
