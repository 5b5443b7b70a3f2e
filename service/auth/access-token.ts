import type { JWTPayload } from 'jose';
import { refuse } from './token-form.ts';

/** Tolerated difference between the issuer's clock and ours, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Claims that only ID tokens, logout tokens and similar carry (OpenID Connect Core §3.3.2.11, RFC 8417). */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];
/**
 * Claims that mark a token without `typ: at+jwt` as an access token. Each supported issuer writes at least one of them.
 */
const ACCESS_CLAIMS = ['client_id', 'cid', 'appid', 'azpacr', 'scope', 'scp', 'permissions', 'gty'];

/** Checks `exp` and `iat` beyond RFC 7519. @throws ServiceError `token_invalid` */
export function checkTimes({ exp, iat }: JWTPayload, nowSeconds: number): void {
  // JSON has no infinity, but JSON.parse reads 1e999 as Infinity.
  if (!Number.isSafeInteger(Math.trunc(exp ?? Number.NaN))) throw refuse('exp is not a time');
  if (iat === undefined) return;
  if (typeof iat !== 'number' || iat > nowSeconds + CLOCK_TOLERANCE_SECONDS)
    throw refuse('iat is not a past time');
}

/**
 * Checks that the token was issued for this server: `aud` names it. A token without `aud` passes only if its signed
 * `resource` names this server. A token that names no audience could be meant for any server (RFC 9068 §4, RFC 8707
 * §2).
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
 * The text with a URL's scheme and host in lower case, because clients may write them in any case. A URL parser is not
 * used: it maps many spellings to one, and audiences are compared as names (RFC 3986 §6.2.1, RFC 8707 §2).
 */
function canonical(audience: string): string {
  return audience.replace(/^[a-z][a-z\d+.-]*:\/\/[\w.:[\]-]+/i, (origin) => origin.toLowerCase());
}

/**
 * Checks that a signed token is a bearer access token. Refuses ID tokens: every client of the issuer gets one, and
 * `aud` alone does not tell them apart. Refuses tokens bound to a key or certificate of the client, which need a proof
 * of possession (RFC 9449 §7, RFC 8705 §3).
 *
 * @throws ServiceError `token_invalid`
 */
export function checkKind(claims: JWTPayload, saysAccessToken: boolean): void {
  if (claims['cnf'] !== undefined) throw refuse('bound to a key of its client');
  const { token_use: use, typ } = claims;
  // Cognito and Keycloak state the kind in the payload.
  if (use !== undefined && use !== 'access') throw refuse('not an access token');
  if (typ !== undefined && typ !== 'Bearer' && typ !== 'at+jwt') throw refuse('not an access token');
  if (saysAccessToken || typ !== undefined || use !== undefined) return;
  const foreign = FOREIGN_CLAIMS.some((name) => Object.hasOwn(claims, name));
  const marked = ACCESS_CLAIMS.some((name) => Object.hasOwn(claims, name));
  if (foreign || !marked) throw refuse('not an access token');
}
