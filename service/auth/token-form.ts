import { ServiceError } from '../errors.ts';
import { isRecord, type Json } from '../json-field.ts';

/**
 * Longest token, in characters. Entra ID writes up to 200 groups into a token, which makes 10 KiB. Node accepts 16 KiB
 * of headers (service/serve/http-server.ts), and the load balancer as much in one header. The firewall inspects the
 * first 8 KiB of a request's headers; it does not see headers after a longer token.
 */
export const MAX_TOKEN_LENGTH = 12 * 1024;

/** Asymmetric only: with a symmetric algorithm, the public key itself would be the secret (RFC 8725 §2.1). */
export const ALGORITHMS: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Media types of a JWT access token (RFC 9068 §2.1) and of older issuers; an absent `typ` also passes. */
const TYPES = ['at+jwt', 'application/at+jwt', 'jwt', 'application/jwt'];

/**
 * Header members that bring their own key, or change how the token is read. None has a use here, and each has been used
 * to bypass a verifier (RFC 8725 §2, §3.10), so a token with one is refused even if it is signed. `jku` is allowed,
 * because SAP's XSUAA writes it into every token; it is not read, so nothing is fetched from it.
 */
const REFUSED_MEMBERS = ['jwk', 'x5u', 'crit', 'b64', 'zip', 'enc', 'cty'];

export function refuse(reason: string): ServiceError {
  return new ServiceError('token_invalid', { reason });
}

/**
 * Checks a token's form before any key is looked up: one JWS in compact serialization and canonical base64url, with an
 * allowed header.
 *
 * @returns whether the header says that this is an access token (`at+jwt`)
 * @throws ServiceError `token_invalid`
 */
export function checkTokenForm(token: string): { readonly saysAccessToken: boolean } {
  if (token.length > MAX_TOKEN_LENGTH) throw refuse('too long');
  const parts = token.split('.');
  if (parts.length !== 3) throw refuse('not a signed JWT');
  // Another spelling of the same bytes would look like another token in logs, caches and revocation lists.
  if (!parts.every(isCanonical)) throw refuse('not base64url');
  const header = parseObject(parts[0] ?? '');
  if (header === undefined) throw refuse('header is not a JSON object');
  const { alg, typ } = header;
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw refuse('algorithm not allowed');
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.includes(typ.toLowerCase()))) {
    throw refuse('typ not allowed');
  }
  const member = REFUSED_MEMBERS.find((name) => Object.hasOwn(header, name));
  if (member !== undefined) throw refuse(`header member ${member} not allowed`);
  return { saysAccessToken: typeof typ === 'string' && typ.toLowerCase().endsWith('at+jwt') };
}

function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

function parseObject(part: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
