import type { Request, RequestHandler } from 'express';
import { callerOf } from '../auth/token-verifier.ts';
import type { ConcurrencyLimit } from '../limits/concurrency-limit.ts';
import { type ConcurrencyLimits, SMALL_BODY } from '../limits/concurrency-limits.ts';
import { contextOf, type RequestContext } from './context.ts';
import { argumentsOf } from './message.ts';

/** Methods that need little work. Every other method, known or not, needs a slot. */
const LITTLE_WORK = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
]);

/**
 * Reads a body only while memory has room for it. The request holds no slot meanwhile, so a slow body delays no call. A
 * body of unannounced length counts as small until it exceeds that size (`readBody`).
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
 * Waits for a slot, unless the message needs little work or has a slot already. A waiting message is kept as bytes,
 * which take a fraction of the parsed memory, and gives up its room for a small body: so a client's calls never delay
 * its own `tools/list`.
 *
 * @throws ServiceError as `ConcurrencyLimit.enter`
 */
export function limitCalls({
  maxConcurrent,
}: ConcurrencyLimits): (context: RequestContext, request: Request) => Promise<void> {
  return async (context, request) => {
    const { method = '' } = context;
    if (context.hasSlot || LITTLE_WORK.has(method) || method.startsWith('notifications/')) return;
    let restore = () => {};
    try {
      await takeSlot(maxConcurrent, context, () => {
        restore = keepBytesOnly(context, request);
        context.leaveSmallBody?.();
      });
    } finally {
      restore();
    }
    // The memory of a slot includes a body.
    context.leaveSmallBody?.();
  };
}

/** @returns a function that restores the message. The end of the request restores it as well, for its record. */
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
  context.hasSlot = true;
}

/** Enters a limit, and leaves it when the request ends. */
async function enter(
  limit: ConcurrencyLimit,
  context: RequestContext,
  onWait?: () => void,
): Promise<() => void> {
  const { principal, signal, ended } = context;
  const caller = principal === undefined ? '' : callerOf(principal);
  const leave = await limit.enter(caller, signal, onWait, principal?.clientId);
  ended.addEventListener('abort', leave, { once: true });
  if (ended.aborted) leave();
  return leave;
}
