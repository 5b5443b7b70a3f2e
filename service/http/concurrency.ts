import type { Request, RequestHandler } from 'express';
import type { ConcurrencyLimit } from '../limits/concurrency-limit.ts';
import { type ConcurrencyLimits, SMALL_BODY } from '../limits/concurrency-limits.ts';
import { contextOf, type RequestContext } from './context.ts';
import { argumentsOf } from './message.ts';

/** Methods that need little work. Every other method, known or not, needs a slot. */
const LITTLE_WORK = new Set(['initialize', 'ping', 'server/discover', 'tools/list']);

/**
 * Lets a body arrive only while memory has room for it. No place is held meanwhile, so a body that comes slowly keeps
 * no call waiting. One of unannounced length counts as small until it is not (`readBody`).
 */
export function limitBodies({ smallBodies, largeBodies }: ConcurrencyLimits): RequestHandler {
  return async (request, response, next) => {
    const context = contextOf(response);
    const announced = request.headers['content-length'];
    const isSmall = Number(announced ?? 0) <= SMALL_BODY;
    const leave = await enter(isSmall ? smallBodies : largeBodies, context);
    if (isSmall) context.leaveSmallBody = leave;
    if (announced === undefined) {
      context.becomeLarge = async () => {
        await enter(largeBodies, context);
        leave();
      };
    }
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
 * Waits for a place unless the message asks for little, or has one. As long as it waits it is kept as bytes, a fraction of
 * what they become, and has no room of a small body: so the calls of a client never keep its own lists waiting.
 *
 * @throws ServiceError as `ConcurrencyLimit.enter`
 */
export function limitCalls({
  maxConcurrent,
}: ConcurrencyLimits): (context: RequestContext, request: Request) => Promise<void> {
  return async (context, request) => {
    const { method = '' } = context;
    if (context.hasPlace || LITTLE_WORK.has(method) || method.startsWith('notifications/')) return;
    let restore = () => {};
    try {
      await takeSlot(maxConcurrent, context, () => {
        restore = keepBytesOnly(context, request);
        context.leaveSmallBody?.();
      });
    } finally {
      restore();
    }
    // What a place has memory for includes a body.
    context.leaveSmallBody?.();
  };
}

/** @returns what brings the message back; the end of the request does too, for its record */
function keepBytesOnly(context: RequestContext, request: Request): () => void {
  const { parseAgain, signal } = context;
  if (parseAgain === undefined) return () => {};
  request.body = undefined;
  context.arguments = undefined;
  const restore = () => {
    signal.removeEventListener('abort', restore);
    request.body = parseAgain();
    context.arguments = argumentsOf(request.body);
  };
  signal.addEventListener('abort', restore, { once: true });
  return restore;
}

async function takeSlot(
  slots: ConcurrencyLimit,
  context: RequestContext,
  onWait?: () => void,
): Promise<void> {
  await enter(slots, context, onWait);
  context.hasPlace = true;
}

/** Enters for as long as the request lives. */
async function enter(
  limit: ConcurrencyLimit,
  context: RequestContext,
  onWait?: () => void,
): Promise<() => void> {
  const { principal, signal, ended } = context;
  const leave = await limit.enter(principal?.clientId ?? '', signal, onWait);
  ended.addEventListener('abort', leave, { once: true });
  if (ended.aborted) leave();
  return leave;
}
