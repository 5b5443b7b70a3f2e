import { describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { usableKeys } from '../../../service/auth/key-set.ts';
import { createSigningKey } from '../support/issuer.ts';

/** A well-formed RSA key of this many bits. */
function rsa(bits: number, exponent = Buffer.from([1, 0, 1])): object {
  const modulus = Buffer.alloc(bits / 8, 0xff);
  return { kty: 'RSA', kid: 'rsa', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
}

describe('the keys of an issuer', () => {
  test.each([2048, 3072, 4096, 8192])('include an RSA key of %i bits', (bits) => {
    expect(usableKeys({ keys: [rsa(bits)] })).toHaveLength(1);
  });

  test.each([
    ['3', [3]],
    ['65537', [1, 0, 1]],
    ['4294967295', [255, 255, 255, 255]],
  ])('include an RSA key with the exponent %s', (_exponent, bytes) => {
    expect(usableKeys({ keys: [rsa(2048, Buffer.from(bytes))] })).toHaveLength(1);
  });

  test('contain no duplicates', async () => {
    const { jwk } = await createSigningKey('good');
    expect(usableKeys({ keys: [jwk, { ...jwk, x5c: ['MIIB'] }, { ...jwk, kid: 'other' }] })).toHaveLength(2);
  });

  test.each([
    ['an RSA key of 1024 bits, which is forgeable', rsa(1024)],
    ['an RSA key of 16384 bits, which makes forged tokens expensive', rsa(16_384)],
    ['an RSA key with an exponent of 200 bytes, for the same reason', rsa(2048, Buffer.alloc(200, 0xff))],
    ['an RSA key with the exponent 1, which verifies any signature', rsa(2048, Buffer.from([1]))],
    ['an RSA key with an even exponent', rsa(2048, Buffer.from([1, 0, 0]))],
    ['an RSA key with an exponent above 2^32', rsa(2048, Buffer.from([1, 0, 0, 0, 1]))],
    ['an RSA key without exponent', { ...rsa(2048), e: undefined }],
    ['a key whose algorithm is an object', { ...rsa(2048), alg: {} }],
    ['a symmetric key', { kty: 'oct', kid: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['a key for encryption', { ...rsa(2048), use: 'enc' }],
    ['a key that may not verify', { ...rsa(2048), key_ops: ['encrypt'] }],
    ['a published private key', { ...rsa(2048), d: 'AQAB' }],
  ])('do not include %s', async (_what, key) => {
    const good = await createSigningKey('good');
    expect(usableKeys({ keys: [key, good.jwk] }).map(({ kid }) => kid)).toEqual(['good']);
  });

  test('do not include keys for key agreement', async () => {
    const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
    const jwk = await exportJWK(publicKey);
    expect(() => usableKeys({ keys: [jwk] })).toThrow('no key that can verify signatures');
  });

  test('are refused if there are more than a hundred', () => {
    const keys = Array.from({ length: 101 }, (_, index) => ({ ...rsa(2048), kid: `${index}` }));
    expect(usableKeys({ keys: keys.slice(1) })).toHaveLength(100);
    expect(() => usableKeys({ keys })).toThrow('the key set has more than 100 keys');
  });

  test('contain only members that verification needs', () => {
    const [key] = usableKeys({ keys: [{ ...rsa(2048), x5c: ['MIIB'], x5u: 'https://evil.example.com' }] });
    expect(Object.keys(key ?? {}).sort()).toEqual(['e', 'kid', 'kty', 'n']);
  });
});
