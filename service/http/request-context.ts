import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import { canonicalAddress, forwardedAddress } from '../source-address.ts';
import type { RequestContext } from './context.ts';
import { headerValues } from './header-values.ts';

export interface BeginRequestOptions {
  /** Proxies in front of this process whose `X-Forwarded-For` entries are believed. */
  readonly trustedHops: number;
  readonly logger: Logger;
  /** Aborts when requests in flight have no more time; they are then answered with 503. */
  readonly shutdown: AbortSignal;
}

/** Why a request has ended; given, because Node would make an exception with a stack of it for every request. */
const ENDED = 'ended';

/**
 * First stage: gives the request an identity of our own making, the address it came from, and a life that ends. A
 * client's request id is not taken over, because whoever chooses ids can make two audit records look like one request.
 */
export function beginRequest({ trustedHops, logger, shutdown }: BeginRequestOptions): RequestHandler {
  // One listener a request in flight, each taken away with it.
  setMaxListeners(0, shutdown);
  const sourceOf = sourceAddress(trustedHops, logger);
  return (request, response, next) => {
    const work = new AbortController();
    const ended = new AbortController();
    const context: RequestContext = {
      requestId: randomUUID(),
      startedAt: performance.now(),
      sourceIp: sourceOf(request),
      resultBytes: 0,
      signal: work.signal,
      ended: ended.signal,
    };
    const { socket } = request;
    const stop = () => work.abort(new ServiceError('shutting_down', { headers: { 'Retry-After': '1' } }));
    const end = () => {
      response.off('close', end);
      socket.off('close', end);
      shutdown.removeEventListener('abort', stop);
      if (!response.writableFinished) {
        work.abort(new ServiceError('cancelled', { reason: 'the client closed the connection' }));
      }
      ended.abort(ENDED);
    };
    response.once('close', end);
    // A pipelined answer that still waits for its turn is never told that the connection has gone.
    setMaxListeners(0, socket);
    socket.once('close', end);
    if (shutdown.aborted) stop();
    else shutdown.addEventListener('abort', stop, { once: true });

    response.locals['context'] = context;
    response.setHeader('X-Request-Id', context.requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
}

/**
 * Where a request came from. One that did not come through all trusted proxies came from its connection's other end:
 * that is the only address left that nobody has chosen, even if it is a proxy's. It also means that the number of
 * proxies is wrong, which is worth one line to the operator.
 */
function sourceAddress(trustedHops: number, logger: Logger): (request: Request) => string | undefined {
  let told = trustedHops === 0;
  return (request) => {
    const forwarded = forwardedAddress(headerValues(request, 'x-forwarded-for'), trustedHops);
    if (forwarded !== undefined) return forwarded;
    const peer = canonicalAddress(request.socket.remoteAddress);
    if (!told) logger.warn('forwarded_address_missing', { trustedHops, peer });
    told = true;
    return peer;
  };
}
