import type { RequestHandler } from 'express';
import type { ProtectedResource } from '../auth/protected-resource.ts';

/** How long clients and proxies may cache the document, in seconds; after this a changed issuer is known everywhere. */
const MAX_AGE_SECONDS = 300;

/** Preflight headers. Clients also send protocol headers, which are ignored here. `*` allows no credentials. */
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Max-Age': '600',
};

const METHOD_NOT_ALLOWED = JSON.stringify({
  error: 'method_not_allowed',
  error_description: 'Send a GET request',
});

/**
 * Serves the protected-resource metadata (RFC 9728). It is public: a client without a token uses it to find the issuer.
 * It contains only configuration, is built once, and does not depend on the request. Any page may read it; `/mcp`
 * decides which pages may call.
 */
export function resourceMetadata(resource: ProtectedResource): RequestHandler {
  const body = JSON.stringify(resource);
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.type('application/json');
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      response.writeHead(204, PREFLIGHT).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.status(405).setHeader('Allow', 'GET, HEAD').send(METHOD_NOT_ALLOWED);
      return;
    }
    response.setHeader('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`).send(body);
  };
}
