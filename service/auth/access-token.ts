import type { JWTPayload } from 'jose';
import { refuse } from './token-form.ts';

/** Difference between the issuer's clock and ours that does not count, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Claims that only ID tokens, logout tokens and their like carry (OpenID Connect Core §3.3.2.11, RFC 8417). */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];
/** Claims that mark a token without `typ: at+jwt` as an access token; each issuer writes at least one of them. */
const ACCESS_CLAIMS = ['client_id', 'cid', 'appid', 'azpacr', 'scope', 'scp', 'permissions', 'gty'];

/** Checks of a signed token's times that go beyond RFC 7519's. @throws ServiceError `token_invalid` */
export function checkTimes({ exp, iat }: JWTPayload, nowSeconds: number): void {
  // JSON has no infinity, but 1e999 is read as one.
  if (!Number.isSafeInteger(Math.trunc(exp ?? Number.NaN))) throw refuse('exp is not a time');
  if (iat === undefined) return;
  if (typeof iat !== 'number' || iat > nowSeconds + CLOCK_TOLERANCE_SECONDS)
    throw refuse('iat is not a past time');
}

/**
 * Checks that the token was issued for this server: `aud` names it. A token without `aud` passes only if its signed
 * `resource` names it; one that names nobody could have been meant for anybody (RFC 9068 §4, RFC 8707 §2).
 *
 * @throws ServiceError `token_invalid`
 */
export function checkAudience(claims: JWTPayload, audience: string): void {
  const named = Object.hasOwn(claims, 'aud') ? claims.aud : claims['resource'];
  const all: unknown[] = Array.isArray(named) ? named : [named];
  const wanted = canonical(audience);
  if (!all.some((each) => typeof each === 'string' && canonical(each) === wanted)) throw refuse('claim aud');
}

/**
 * Text with scheme and host of a URL in lower case, as clients may write them in any. No URL parser does this: it takes
 * a hundred spellings for one, and what is compared here is a name (RFC 3986 §6.2.1, RFC 8707 §2).
 */
function canonical(audience: string): string {
  return audience.replace(/^[a-z][a-z\d+.-]*:\/\/[\w.:[\]-]+/i, (origin) => origin.toLowerCase());
}

/**
 * Checks that a signed token is an access token and may be used by whoever brings it: neither an ID token (which every
 * client of the issuer gets, and which an `aud` alone does not tell apart) nor one bound to a key or certificate of
 * its client, which proves nothing without that proof (RFC 9449 §7, RFC 8705 §3).
 *
 * @throws ServiceError `token_invalid`
 */
export function checkKind(claims: JWTPayload, saysAccessToken: boolean): void {
  if (claims['cnf'] !== undefined) throw refuse('bound to a key of its client');
  const { token_use: use, typ } = claims;
  // Cognito and Keycloak say it in the payload.
  if (use !== undefined && use !== 'access') throw refuse('not an access token');
  if (typ !== undefined && typ !== 'Bearer' && typ !== 'at+jwt') throw refuse('not an access token');
  if (saysAccessToken || typ !== undefined || use !== undefined) return;
  const foreign = FOREIGN_CLAIMS.some((name) => Object.hasOwn(claims, name));
  const marked = ACCESS_CLAIMS.some((name) => Object.hasOwn(claims, name));
  if (foreign || !marked) throw refuse('not an access token');
}
