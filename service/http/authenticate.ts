import type { Request, RequestHandler } from 'express';
import type { Challenge } from '../auth/challenge.ts';
import { MAX_TOKEN_LENGTH } from '../auth/token-form.ts';
import type { TokenVerifier } from '../auth/token-verifier.ts';
import { ServiceError } from '../errors.ts';
import type { AuthFailureLimit } from '../limits/auth-failure-limit.ts';
import { contextOf } from './context.ts';
import { headerValues } from './header-values.ts';

/**
 * Establishes the caller from the `Authorization` header of this request only (RFC 6750 §2.1). Once an address has
 * reached its limit of refused tokens, only tokens that were recently valid are verified.
 *
 * @param keepsToken whether a tool may exchange the token; without one, no later stage can read it
 */
export function authenticate(
  verifier: TokenVerifier,
  challenge: Challenge,
  failureLimit: AuthFailureLimit,
  keepsToken: boolean,
): RequestHandler {
  return async (request, response, next) => {
    const token = bearerToken(request, challenge);
    const context = contextOf(response);
    try {
      context.principal = await failureLimit.attempt(context.sourceIp, token, () => verifier.verify(token));
      if (keepsToken) context.subjectToken = () => token;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'token_invalid') throw error;
      throw new ServiceError('token_invalid', {
        reason: error.reason,
        headers: challenge({ error: 'invalid_token', description: 'The access token is not valid' }),
      });
    }
    next();
  };
}

function bearerToken(request: Request, challenge: Challenge): string {
  const values = headerValues(request, 'authorization');
  const [value] = values;
  if (value === undefined || !/^Bearer(?: |$)/i.test(value)) {
    // RFC 6750 §3.1: no error code for a request without a bearer token.
    throw new ServiceError('token_missing', { headers: challenge() });
  }
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(value)?.[1];
  const isTooLong = token !== undefined && token.length > MAX_TOKEN_LENGTH;
  if (values.length === 1 && token !== undefined && !isTooLong) return token;
  throw new ServiceError('token_malformed', {
    headers: challenge({ error: 'invalid_request' }),
    ...(isTooLong && {
      detail: `this one has more than ${MAX_TOKEN_LENGTH} characters`,
      reason: 'token too long',
    }),
  });
}
