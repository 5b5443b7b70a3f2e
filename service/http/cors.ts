import type { RequestHandler } from 'express';
import { contextOf } from './context.ts';

/** Headers of browser MCP clients that are not CORS-safelisted (MCP 2026-07-28 and 2025-11-25, Streamable HTTP). */
const REQUEST_HEADERS =
  'Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent, tracestate';
/** Headers that a client must read to recover: the challenge, when to retry, and the id to quote to the operator. */
const RESPONSE_HEADERS = 'WWW-Authenticate, Retry-After, X-Request-Id';
/** How long a browser may cache the preflight response, in seconds. */
const MAX_AGE = '600';

/**
 * Allows pages of allowed origins to call and to read responses (WHATWG Fetch §3.2), and answers their preflights.
 * Credentials are not allowed: a token comes in a header, never in a cookie. The next stage refuses other origins.
 */
export function allowBrowsers(allowsOrigin: (origin: string) => boolean): RequestHandler {
  return (request, response, next) => {
    response.setHeader('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowsOrigin(origin)) {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
      next();
      return;
    }
    contextOf(response).outcome = 'ok';
    response.writeHead(204, {
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': MAX_AGE,
    });
    response.end();
  };
}
