import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import { canonicalAddress, forwardedAddress } from '../source-address.ts';
import { ownTrace, parseTraceparent, type Trace } from '../trace.ts';
import type { RequestContext } from './context.ts';
import { headerValues } from './header-values.ts';

export interface BeginRequestOptions {
  /** Trusted proxies in front of this process, whose `X-Forwarded-For` entries count. */
  readonly trustedHops: number;
  /**
   * Addresses of this machine, in their canonical spelling. A request from one of them came from another container of the
   * task, past every proxy, so its `X-Forwarded-For` is not read.
   *
   * @default - none: no other program shares the network
   */
  readonly ownAddresses?: ReadonlySet<string> | undefined;
  readonly logger: Logger;
  /** Aborts when requests in flight must end; they then get 503. */
  readonly shutdown: AbortSignal;
}

/** Abort reason of an ended request. Without one, Node would create an exception with a stack for every request. */
const ENDED = 'ended';

/**
 * First stage: gives the request an id of our own, its source address, and a signal that ends with it. A client's
 * request id is not used, because a client could then make two audit records look like one request.
 */
export function beginRequest(options: BeginRequestOptions): RequestHandler {
  const { shutdown } = options;
  // One listener per request in flight, removed when the request ends.
  setMaxListeners(0, shutdown);
  const sourceOf = sourceAddress(options);
  return (request, response, next) => {
    const work = new AbortController();
    const ended = new AbortController();
    const requestId = randomUUID();
    const context: RequestContext = {
      requestId,
      trace: traceOf(request) ?? ownTrace(requestId),
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
    // A pipelined response that is still queued gets no event when the connection closes.
    setMaxListeners(0, socket);
    socket.once('close', end);
    if (shutdown.aborted) stop();
    else shutdown.addEventListener('abort', stop, { once: true });

    response.locals.context = context;
    response.setHeader('X-Request-Id', context.requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
}

/** The trace in the header; undefined when it comes twice or in another form (W3C Trace Context §3.2). */
function traceOf(request: Request): Trace | undefined {
  if (request.headers['traceparent'] === undefined) return undefined;
  const [value, second] = headerValues(request, 'traceparent');
  return second === undefined ? parseTraceparent(value) : undefined;
}

/**
 * The address a request came from. If a request did not pass all trusted proxies, it is the peer of the connection: the
 * only address that no client can choose, even if it is a proxy's. It also means that the number of proxies is wrong,
 * so it is logged once.
 */
function sourceAddress({
  trustedHops,
  ownAddresses,
  logger,
}: BeginRequestOptions): (request: Request) => string | undefined {
  let warned = trustedHops === 0;
  return (request) => {
    const connected = ownAddresses && canonicalAddress(request.socket.remoteAddress);
    if (connected !== undefined && ownAddresses?.has(connected)) return connected;
    const forwarded = forwardedAddress(headerValues(request, 'x-forwarded-for'), trustedHops);
    if (forwarded !== undefined) return forwarded;
    const peer = canonicalAddress(request.socket.remoteAddress);
    if (!warned) logger.warn('forwarded_address_missing', { trustedHops, peer });
    warned = true;
    return peer;
  };
}
