import { hash } from 'node:crypto';
import { type CryptoKey, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { CLOCK_TOLERANCE_SECONDS, checkAudience, checkKind, checkTimes } from './access-token.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { principalOf } from './principal.ts';
import { ALGORITHMS, checkTokenForm, refuse } from './token-form.ts';
import type { Principal, TokenVerifier } from './token-verifier.ts';

export interface OAuthTokensOptions {
  /** What `iss` must be, to the letter. */
  readonly issuer: string;
  /** What `aud` must name. */
  readonly audience: string;
  /** The scopes that tools need. */
  readonly scopes: ReadonlySet<string>;
  /** What the issuer may write before a scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
  readonly keys: IssuerKeys;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
}

/** Verified tokens remembered, by SHA-256; one beyond forgets the one not used for longest. About 5 MB. */
const MAX_VERIFIED = 10_000;

/** A token whose signature and claims were good. */
interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The keys in force when it was verified. */
  readonly keySet: object;
}

/** Why a token was refused, for the audit record; jose's own messages are not taken, lest they repeat a claim. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'no such key at the issuer',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'too many keys fit',
};

/** Keys that are tried for a token that does not say which one signed it: each costs a verification. */
const MAX_CANDIDATES = 5;

/**
 * Verifies JWT access tokens of one issuer (RFC 9068, RFC 8725): form, signature, claims, in this order. A token that
 * was good is good until its end, as long as the same keys are in force.
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
      // Anything but a bad token, an unreachable issuer above all, is not the client's fault.
      if (!(error instanceof errors.JOSEError)) throw error;
      throw refuse(REASONS[error.code] ?? error.code);
    }
  }

  const verified = new LRUCache<string, Verified>({ max: MAX_VERIFIED });

  return {
    async verify(token) {
      const id = hash('sha256', token, 'base64');
      const known = verified.get(id);
      if (known !== undefined && options.now() < known.expiresAt) {
        if (known.keySet === (await options.keys.inForce())) return known.principal;
      }
      const { saysAccessToken } = checkTokenForm(token);
      // Taken before: keys that are fetched during the verification have not verified this token.
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

/** Verifies with the keys that fit, one after the other. @throws JOSEError when none of a few has signed the token */
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
