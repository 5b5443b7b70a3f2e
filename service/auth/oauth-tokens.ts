import { hash } from 'node:crypto';
import { type CryptoKey, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { atMost } from '../at-most.ts';
import { CLOCK_TOLERANCE_SECONDS, checkAudience, checkKind, checkTimes } from './access-token.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { principalOf } from './principal.ts';
import { ALGORITHMS, checkTokenForm, refuse } from './token-form.ts';
import type { Principal, TokenVerifier } from './token-verifier.ts';

export interface OAuthTokensOptions {
  /** Required value of `iss`, compared exactly. */
  readonly issuer: string;
  /** Audience that `aud` must contain. */
  readonly audience: string;
  /** The scopes that tools need. */
  readonly scopes: ReadonlySet<string>;
  /** Text that the issuer may write before a scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
  readonly keys: IssuerKeys;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
}

/** Verified tokens to cache, by SHA-256; the least recently used is evicted. About 5 MB. */
const MAX_VERIFIED = 10_000;

/** A token that passed verification. */
interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The keys in force when it was verified. */
  readonly keySet: object;
}

/** Why a token was refused, for the audit record. jose's own messages are not used because they may repeat a claim. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'no such key at the issuer',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'too many keys fit',
};

/** Keys that are tried for a token that names none: each costs a verification. */
const MAX_CANDIDATES = 5;

/**
 * Verifies JWT access tokens of one issuer (RFC 9068, RFC 8725): form, signature, claims, in this order. A verified
 * token stays valid until it expires, as long as the same keys are in force.
 */
export function createOAuthTokenVerifier(options: OAuthTokensOptions): TokenVerifier {
  async function claimsOf(token: string): Promise<JWTPayload> {
    const expected: JWTVerifyOptions = {
      algorithms: [...ALGORITHMS],
      issuer: options.issuer,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(options.now()),
    };
    try {
      const verified = jwtVerify(token, (header) => options.keys.find(header), expected);
      const { payload } = await verified.catch((error: unknown) => {
        if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
        return verifyByAny(error, token, expected);
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTClaimValidationFailed) throw refuse(`claim ${error.claim}`);
      // Any other error, such as an unreachable issuer, is not the client's fault.
      if (!(error instanceof errors.JOSEError)) throw error;
      throw refuse(REASONS[error.code] ?? error.code);
    }
  }

  const verified = new LRUCache<string, Verified>(atMost(MAX_VERIFIED));

  return {
    async verify(token) {
      const id = hash('sha256', token, 'base64');
      const known = verified.get(id);
      if (known !== undefined && options.now() < known.expiresAt) {
        if (known.keySet === (await options.keys.inForce())) return known.principal;
      }
      const { saysAccessToken } = checkTokenForm(token);
      // Taken before the verification: keys that are fetched meanwhile have not verified this token.
      const keySet = await options.keys.inForce();
      const claims = await claimsOf(token);
      checkTimes(claims, options.now() / 1000);
      checkAudience(claims, options.audience);
      checkKind(claims, saysAccessToken);
      const principal = principalOf(claims, options);
      verified.set(id, { principal, expiresAt: (claims.exp ?? 0) * 1000, keySet });
      return principal;
    },
  };
}

/** Verifies with each matching key until one succeeds. @throws JOSEError when none of the keys signed the token */
async function verifyByAny(
  ambiguous: Error & AsyncIterable<CryptoKey>,
  token: string,
  expected: JWTVerifyOptions,
): Promise<{ readonly payload: JWTPayload }> {
  let tried = 0;
  for await (const key of ambiguous) {
    if (tried === MAX_CANDIDATES) throw ambiguous;
    tried += 1;
    try {
      return await jwtVerify(token, key, expected);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
