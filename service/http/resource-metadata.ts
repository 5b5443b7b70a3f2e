import type { RequestHandler } from 'express';
import type { ProtectedResource } from '../auth/protected-resource.ts';

/** How long clients and proxies may keep the document, in seconds; a changed issuer is known everywhere after it. */
const MAX_AGE_SECONDS = 300;

/** Clients send headers of the protocol's along; none has a meaning here, and credentials are not allowed with `*`. */
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
 * Answers with the protected-resource metadata (RFC 9728). Public by design: it is how a client without a token
 * learns where to get one. It holds nothing but configuration, is built once, and depends on nothing of the request. So
 * any page may read it; whether a page may call this server is said at `/mcp`.
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
