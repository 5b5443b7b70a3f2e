import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { RequestContext } from './context.ts';

/**
 * First stage: gives the request an identity of our own making. A client's request id is not taken over, because
 * whoever chooses ids can make two audit records look like one request.
 */
export function beginRequest(): RequestHandler {
  return (request, response, next) => {
    const context: RequestContext = {
      requestId: randomUUID(),
      startedAt: performance.now(),
      sourceIp: request.ip,
      resultBytes: 0,
    };
    response.locals['context'] = context;
    response.setHeader('X-Request-Id', context.requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
}
