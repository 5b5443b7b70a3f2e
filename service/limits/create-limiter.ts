import type { LimitStore } from '../environment/limits.ts';
import type { Logger } from '../logging/logger.ts';
import type { ReadSecret } from '../secrets/sources.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createSlidingWindow } from './sliding-window.ts';

export interface LimiterOptions {
  /** @default - this process counts for itself, in memory */
  readonly store: LimitStore | undefined;
  /** Name of the service, which prefixes the keys of the store. */
  readonly service: string;
  readonly readSecret: ReadSecret;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * A connection that is refused because its password was rotated reads the new one within this time, in milliseconds.
 */
const PASSWORD_MAX_AGE_MS = 5000;

/** Creates the rate limiter. A store that is down does not prevent the start; an unreadable password does. */
export async function createLimiter({ store, readSecret, ...options }: LimiterOptions): Promise<RateLimiter> {
  if (store === undefined) return createSlidingWindow(options.now);
  // Half a megabyte of commands that a service without a store need not load.
  const { createValkeyLimiter } = await import('./valkey-limiter.ts');
  return createValkeyLimiter({ ...options, ...store, password: await passwordOf(store, readSecret) });
}

async function passwordOf({ server, password, iam }: LimitStore, readSecret: ReadSecret) {
  if (iam !== undefined) {
    const { createElastiCacheTokens } = await import('./elasticache-token.ts');
    return createElastiCacheTokens({ ...iam, username: server.username ?? '' });
  }
  if (password === undefined) return undefined;
  await readSecret(password);
  return () => readSecret(password, PASSWORD_MAX_AGE_MS);
}
