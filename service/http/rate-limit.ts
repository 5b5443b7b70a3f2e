import type { RequestHandler } from 'express';
import { callerOf, type Principal } from '../auth/token-verifier.ts';
import { ServiceError } from '../errors.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { contextOf } from './context.ts';

/** Requests in any 60 s, whatever their method. */
export interface CallerLimits {
  /** Of all users of one client together. */
  readonly clientLimitPerMinute: number;
  /** Of one user of a client. */
  readonly userLimitPerMinute: number;
}

/** Limits requests per user, then per client: a user over the limit uses up none of the client's limit. */
export function limitCaller(limiter: RateLimiter, limits: CallerLimits): RequestHandler {
  const consume = async (key: string, limitPerMinute: number, whose: string) => {
    const retryAfter = await limiter.consume(key, limitPerMinute);
    if (retryAfter === 0) return;
    throw new ServiceError('client_rate_limited', {
      reason: `more than ${limitPerMinute} requests of ${whose} in 60 s`,
      headers: { 'Retry-After': String(retryAfter) },
    });
  };
  return async (_request, response, next) => {
    const principal = contextOf(response).principal as Principal;
    const { clientId, user } = principal;
    if (user !== undefined)
      await consume(`user:${callerOf(principal)}`, limits.userLimitPerMinute, 'the user');
    await consume(`client:${clientId}`, limits.clientLimitPerMinute, 'the client');
    next();
  };
}
