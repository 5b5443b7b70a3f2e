import { createHash } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createSlidingWindow } from './sliding-window.ts';
import type { ValkeyServer } from './valkey-client.ts';
import { connectValkey } from './valkey-connection.ts';

export interface ValkeyLimiterOptions {
  readonly server: ValkeyServer;
  /** @default - none is sent */
  readonly password?: (() => Promise<string>) | undefined;
  /** Name of the service: services that share a server do not share counts. */
  readonly service: string;
  /** While the server is down: `deny` refuses, `allow` lets this process count for itself. */
  readonly failure: 'deny' | 'allow';
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** @default - that of `connectValkey` */
  readonly lifetimeMs?: number;
}

/** Seconds in `Retry-After` of a refused request: about the longest pause between attempts to connect. */
const RETRY_AFTER_S = 5;

/**
 * Counts for all tasks together in a Valkey or Redis server, version 6 or later, by the rule of `createSlidingWindow`.
 * Logs the begin of an outage as `rate_limit_store_down` and its end as `rate_limit_store_up`.
 * `rate_limit_store_not_replaced` warns early of credentials that are no longer accepted.
 *
 * @returns when the server has replied or the first attempt has failed; a failure does not prevent the start
 */
export async function createValkeyLimiter(options: ValkeyLimiterOptions): Promise<RateLimiter> {
  const { server, service, failure, now, logger } = options;
  const store = `${server.tls ? 'rediss' : 'redis'}://${server.host}:${server.port}`;
  const alone = createSlidingWindow(now);
  let downSince = 0;
  let requests = 0;

  const connection = connectValkey({
    ...options,
    onDown(cause) {
      downSince = now();
      requests = 0;
      logger.error('rate_limit_store_down', { store, failure, ...describeError(cause) });
    },
    onUp() {
      const downSeconds = Math.round((now() - downSince) / 1000);
      logger.info('rate_limit_store_up', { store, failure, downSeconds, requests });
    },
    onNotReplaced(cause) {
      logger.warn('rate_limit_store_not_replaced', { store, ...describeError(cause) });
    },
  });
  await connection.attempted;

  return {
    async consume(key, limitPerMinute) {
      try {
        return await connection.consume(nameOf(service, key), limitPerMinute);
      } catch (cause) {
        requests += 1;
        if (failure === 'allow') return await alone.consume(key, limitPerMinute);
        throw new ServiceError('limits_unavailable', {
          reason: (cause as Error).message,
          headers: { 'Retry-After': String(RETRY_AFTER_S) },
          cause,
        });
      }
    },
    close: connection.close,
  };
}

/** A key of fixed length, whatever the client's id contains. The server sees no ids. */
function nameOf(service: string, key: string): string {
  return `mcp:${createHash('sha256').update(`${service} ${key}`).digest('base64url')}`;
}
