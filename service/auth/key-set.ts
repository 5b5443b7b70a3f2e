import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JWK } from 'jose';
import { field, isRecord } from '../json-field.ts';
import { IssuerError } from './fetch-json.ts';

/** Issuers publish two to ten keys. Each key costs memory and parsing time. */
const MAX_KEYS = 100;
/** Smaller keys can be forged (RFC 7518 §3.3). Larger ones make every forged token cost milliseconds. */
const RSA_BITS = { minimum: 2048, maximum: 8192 };
/**
 * With exponent 1 every signature verifies. A long exponent is legal, and makes one verification as slow as thousands.
 */
const RSA_EXPONENT = { minimum: 3n, maximum: 2n ** 32n };
const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519'];
/** Public members only. Other members of a published key (certificates, a private part) are dropped. */
const MEMBERS = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'] as const;

/**
 * Returns the keys of a JWK Set (RFC 7517 §5) that can verify signatures, without duplicates. Other keys are left out
 * and do not make the set invalid.
 *
 * @throws IssuerError when the document is not a key set, has too many keys, or has no usable key
 */
export function usableKeys(document: unknown): JWK[] {
  const keys = field(document, 'keys');
  if (!Array.isArray(keys)) throw new IssuerError('the key set has no list of keys');
  if (keys.length > MAX_KEYS) throw new IssuerError(`the key set has more than ${MAX_KEYS} keys`);
  const usable = keys.flatMap((key: unknown) => (isVerificationKey(key) ? [publicPart(key)] : []));
  if (usable.length === 0) throw new IssuerError('the key set has no key that can verify signatures');
  return [...new Map(usable.map((key) => [JSON.stringify(key), key])).values()];
}

function isVerificationKey(key: unknown): key is JsonWebKey {
  if (!isRecord(key)) return false;
  const { kid, alg, use, key_ops: operations } = key;
  if (kid !== undefined && typeof kid !== 'string') return false;
  if (alg !== undefined && typeof alg !== 'string') return false;
  if (use !== undefined && use !== 'sig') return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  // A published private or symmetric key is known to everyone, so its signatures prove nothing.
  if ('d' in key || 'k' in key) return false;
  return isSound(key);
}

/** Whether OpenSSL accepts the key, and its type and size are allowed. */
function isSound(key: JsonWebKey): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    if (asymmetricKeyType !== 'rsa') return CURVES.includes(key.crv ?? '');
    const { modulusLength: bits = 0, publicExponent: e = 0n } = asymmetricKeyDetails ?? {};
    const odd = e % 2n === 1n && e >= RSA_EXPONENT.minimum && e <= RSA_EXPONENT.maximum;
    return odd && bits >= RSA_BITS.minimum && bits <= RSA_BITS.maximum;
  } catch {
    // Not a valid key. The caller decides whether the remaining keys are enough.
    return false;
  }
}

function publicPart(key: JsonWebKey): JWK {
  return Object.fromEntries(
    MEMBERS.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]])),
  ) as JWK;
}
