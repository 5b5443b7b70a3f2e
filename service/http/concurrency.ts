import type { RequestHandler } from 'express';
import type { ConcurrencyLimit } from '../limits/concurrency-limit.ts';
import { type ConcurrencyLimits, SMALL_BODY } from '../limits/concurrency-limits.ts';
import { contextOf, type RequestContext } from './context.ts';

/** Methods that need little work. Every other method, known or not, needs a slot. */
const LITTLE_WORK = new Set(['initialize', 'ping', 'server/discover', 'tools/list']);

/**
 * Accepts a body only while there is memory for it. The request holds no slot meanwhile, so a slow body blocks no call.
 * A body of unannounced length counts as large.
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

/** A large body grows many times when it is parsed, so it needs a slot first. */
export function limitLargeBodies({ maxConcurrent }: ConcurrencyLimits): RequestHandler {
  return async (request, response, next) => {
    const { length } = (request.body ?? '') as Uint8Array;
    if (length > SMALL_BODY) await takeSlot(maxConcurrent, contextOf(response));
    next();
  };
}

/**
 * Waits for a slot, unless the message needs little work or already has one. @throws ServiceError as
 * `ConcurrencyLimit.enter`
 */
export function limitCalls({ maxConcurrent }: ConcurrencyLimits): (context: RequestContext) => Promise<void> {
  return async (context) => {
    const { method = '' } = context;
    if (context.hasSlot || LITTLE_WORK.has(method) || method.startsWith('notifications/')) return;
    await takeSlot(maxConcurrent, context);
    // The memory of a slot includes the body.
    context.leaveSmallBody?.();
  };
}

async function takeSlot(maxConcurrent: ConcurrencyLimit, context: RequestContext): Promise<void> {
  await enter(maxConcurrent, context);
  context.hasSlot = true;
}

/** Enters the limit until the request ends. */
async function enter(limit: ConcurrencyLimit, context: RequestContext): Promise<() => void> {
  const { principal, signal, ended } = context;
  const leave = await limit.enter(principal?.clientId ?? '', signal);
  ended.addEventListener('abort', leave, { once: true });
  if (ended.aborted) leave();
  return leave;
}
