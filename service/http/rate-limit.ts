import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { contextOf } from './context.ts';

/** Limits requests per client, whatever their method. */
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
