import type { RequestHandler } from 'express';
import type { ProtectedResource } from '../auth/protected-resource.ts';

/** How long clients and proxies may keep the document, in seconds; a changed issuer is known everywhere after it. */
const MAX_AGE_SECONDS = 300;

/**
 * Answers with the protected-resource metadata (RFC 9728). Public by design: it is how a client without a token
 * learns where to get one. It holds nothing but configuration, is built once, and depends on nothing of the request.
 */
export function resourceMetadata(resource: ProtectedResource): RequestHandler {
  const body = JSON.stringify(resource);
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.type('application/json');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.status(405).setHeader('Allow', 'GET, HEAD').send('{"error":"method_not_allowed"}');
      return;
    }
    response.setHeader('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`).send(body);
  };
}
