import type { RequestHandler } from 'express';
import type { ConcurrencyLimit } from '../limits/concurrency-limit.ts';
import { type ConcurrencyLimits, SMALL_BODY } from '../limits/concurrency-limits.ts';
import { contextOf, type RequestContext } from './context.ts';

/** Messages of little work. Every other, known or not, takes a place. */
const LITTLE_WORK = new Set(['initialize', 'ping', 'server/discover', 'tools/list']);

/**
 * Lets a body arrive only while memory has room for it. No place is held meanwhile, so a body that comes slowly keeps
 * no call waiting. One of unannounced length counts as large.
 */
export function limitBodies({ smallBodies, largeBodies }: ConcurrencyLimits): RequestHandler {
  return async (request, response, next) => {
    const context = contextOf(response);
    const isSmall = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= SMALL_BODY;
    const leave = await enter(isSmall ? smallBodies : largeBodies, context);
    if (isSmall) context.leaveSmallBody = leave;
    next();
  };
}

/** A large body becomes many times larger when it is parsed, so it has a place before. */
export function limitLargeBodies({ places }: ConcurrencyLimits): RequestHandler {
  return async (request, response, next) => {
    const { length } = (request.body ?? '') as Uint8Array;
    if (length > SMALL_BODY) await takePlace(places, contextOf(response));
    next();
  };
}

/** Waits for a place unless the message asks for little, or has one. @throws ServiceError as `ConcurrencyLimit.enter` */
export function limitCalls({ places }: ConcurrencyLimits): (context: RequestContext) => Promise<void> {
  return async (context) => {
    const { method = '' } = context;
    if (context.hasPlace || LITTLE_WORK.has(method) || method.startsWith('notifications/')) return;
    await takePlace(places, context);
    // What a place has memory for includes a body.
    context.leaveSmallBody?.();
  };
}

async function takePlace(places: ConcurrencyLimit, context: RequestContext): Promise<void> {
  await enter(places, context);
  context.hasPlace = true;
}

/** Enters for as long as the request lives. */
async function enter(limit: ConcurrencyLimit, context: RequestContext): Promise<() => void> {
  const { principal, signal, ended } = context;
  const leave = await limit.enter(principal?.clientId ?? '', signal);
  ended.addEventListener('abort', leave, { once: true });
  if (ended.aborted) leave();
  return leave;
}
