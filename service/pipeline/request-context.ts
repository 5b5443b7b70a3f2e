import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from './context.ts';

/**
 * First stage: gives the request an identity of our own making, and a life that ends. A client's request id is not
 * taken over, because whoever chooses ids can make two audit records look like one request.
 *
 * @param shutdown aborts when requests in flight have no more time
 */
export function beginRequest(shutdown: AbortSignal): RequestHandler {
  // One listener a request in flight, each taken away with it.
  setMaxListeners(0, shutdown);
  return (request, response, next) => {
    const work = new AbortController();
    const ended = new AbortController();
    const context: RequestContext = {
      requestId: randomUUID(),
      startedAt: performance.now(),
      sourceIp: request.ip,
      resultBytes: 0,
      signal: work.signal,
      ended: ended.signal,
    };
    const { socket } = request;
    const stop = () => work.abort(new ServiceError('shutting_down'));
    const end = () => {
      response.off('close', end);
      socket.off('close', end);
      shutdown.removeEventListener('abort', stop);
      if (!response.writableFinished) {
        work.abort(new ServiceError('cancelled', { reason: 'the client closed the connection' }));
      }
      ended.abort();
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
