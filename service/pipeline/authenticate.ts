import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { contextOf, type Principal } from './context.ts';

/** Knows whether a token is good. Narrow on purpose: hashed tokens today, an OAuth issuer's tomorrow. */
export interface TokenVerifier {
  /**
   * @throws ServiceError `token_invalid` with the reason for the audit record; `secret_unavailable` when this
   * server, not the token, is at fault
   */
  verify(token: string): Promise<Principal>;
}

const REALM = 'Bearer realm="mcp"';

/** Establishes who calls, from the `Authorization` header of this very request (RFC 6750 §2.1) and nothing else. */
export function authenticate(verifier: TokenVerifier): RequestHandler {
  return async (request, response, next) => {
    const token = bearerToken(request);
    try {
      contextOf(response).principal = await verifier.verify(token);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'token_invalid') throw error;
      throw new ServiceError('token_invalid', {
        reason: error.reason,
        headers: challenge('error="invalid_token"', 'error_description="The access token is not valid"'),
      });
    }
    next();
  };
}

/** The challenge of a call that needs more scopes: all that the tool needs, in one (RFC 6750 §3.1). */
export function insufficientScope(required: readonly string[], reason: string): ServiceError {
  return new ServiceError('insufficient_scope', {
    reason,
    headers: challenge('error="insufficient_scope"', `scope="${required.join(' ')}"`),
  });
}

function bearerToken(request: Request): string {
  const values = request.headersDistinct['authorization'] ?? [];
  const [value] = values;
  if (value === undefined || !/^Bearer(?: |$)/i.test(value)) {
    // RFC 6750 §3.1: no error code for a request that brings no bearer token at all.
    throw new ServiceError('token_missing', { headers: challenge() });
  }
  const token = /^Bearer +([\w.~+/-]{1,8192}=*)$/i.exec(value)?.[1];
  if (values.length > 1 || token === undefined) {
    throw new ServiceError('token_malformed', { headers: challenge('error="invalid_request"') });
  }
  return token;
}

function challenge(...parameters: string[]): { 'WWW-Authenticate': string } {
  return { 'WWW-Authenticate': [REALM, ...parameters].join(', ') };
}
