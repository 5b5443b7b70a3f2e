import type { RequestHandler } from 'express';
import type { ConcurrencyLimit } from '../limits/concurrency-limit.ts';
import { contextOf } from './context.ts';

/** Lets in no more requests than memory has room for, before anything of their bodies is read. */
export function limitConcurrency(limit: ConcurrencyLimit): RequestHandler {
  return async (_request, response, next) => {
    const { principal, signal, ended } = contextOf(response);
    const leave = await limit.enter(principal?.clientId ?? '', signal);
    ended.addEventListener('abort', leave, { once: true });
    if (ended.aborted) leave();
    next();
  };
}
