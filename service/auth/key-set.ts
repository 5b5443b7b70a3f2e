import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JWK } from 'jose';
import { IssuerError } from './fetch-json.ts';

/** Issuers publish two to ten; each one costs memory, and parsing. */
const MAX_KEYS = 100;
/** Smaller is forgeable (RFC 7518 §3.3); larger makes every forged token cost milliseconds. */
const RSA_BITS = { minimum: 2048, maximum: 8192 };
/** One verifies what nobody signed; a long one is legal and makes one verification take as long as thousands. */
const RSA_EXPONENT = { minimum: 3n, maximum: 2n ** 32n };
const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519'];
/** Public members only: what else a published key carries (certificates, a private part) is not taken over. */
const MEMBERS = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'] as const;

/**
 * The keys of a JWK Set (RFC 7517 §5) that can verify signatures, each once. One that cannot is left out and spoils no
 * other.
 *
 * @throws IssuerError when the document is no key set, has too many keys, or none that is usable
 */
export function usableKeys(document: unknown): JWK[] {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new IssuerError('the key set has no list of keys');
  if (keys.length > MAX_KEYS) throw new IssuerError(`the key set has more than ${MAX_KEYS} keys`);
  const usable = keys.flatMap((key: unknown) => (isVerificationKey(key) ? [publicPart(key)] : []));
  if (usable.length === 0) throw new IssuerError('the key set has no key that can verify signatures');
  return [...new Map(usable.map((key) => [JSON.stringify(key), key])).values()];
}

function isVerificationKey(key: unknown): key is JsonWebKey {
  if (typeof key !== 'object' || key === null) return false;
  const { kid, alg, use, key_ops: operations } = key as Record<string, unknown>;
  if (kid !== undefined && typeof kid !== 'string') return false;
  if (alg !== undefined && typeof alg !== 'string') return false;
  if (use !== undefined && use !== 'sig') return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  // A published private key, or a symmetric one, is everybody's: whatever it signed proves nothing.
  if ('d' in key || 'k' in key) return false;
  return isSound(key as JsonWebKey);
}

/** Whether OpenSSL takes the key, and its kind and size are ones we take. */
function isSound(key: JsonWebKey): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    if (asymmetricKeyType !== 'rsa') return CURVES.includes(key.crv ?? '');
    const { modulusLength: bits = 0, publicExponent: e = 0n } = asymmetricKeyDetails ?? {};
    const odd = e % 2n === 1n && e >= RSA_EXPONENT.minimum && e <= RSA_EXPONENT.maximum;
    return odd && bits >= RSA_BITS.minimum && bits <= RSA_BITS.maximum;
  } catch {
    // Not a key at all; what is left of the set decides whether that matters.
    return false;
  }
}

function publicPart(key: JsonWebKey): JWK {
  return Object.fromEntries(
    MEMBERS.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]])),
  ) as unknown as JWK;
}
