import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { contextOf } from './context.ts';

/** Counts events of a key over the last 60 seconds. */
export interface RateLimiter {
  /**
   * Counts one event if the limit allows it; a refused event does not count.
   *
   * @returns 0 when allowed, otherwise the seconds (whole, at least 1) until the next event would be
   */
  consume(key: string, limitPerMinute: number): Promise<number>;
}

/** Limits requests per client, whatever they ask for. */
export function limitClient(limiter: RateLimiter, limitPerMinute: number): RequestHandler {
  return async (_request, response, next) => {
    const clientId = contextOf(response).principal?.clientId;
    const retryAfter = await limiter.consume(`client:${clientId}`, limitPerMinute);
    if (retryAfter > 0) {
      throw new ServiceError('client_rate_limited', {
        reason: `more than ${limitPerMinute} requests in 60 s`,
        headers: { 'Retry-After': String(retryAfter) },
      });
    }
    next();
  };
}
