import { X509Certificate } from 'node:crypto';
import { text } from './variables.ts';

/** Longest text, in characters: a task definition has 64 KiB for everything. */
const MAX_TEXT = 32 * 1024;
const MAX_CERTIFICATES = 20;
const BLOCK = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g;

/**
 * Checks a PEM text of certificate authorities.
 *
 * @returns the text, unchanged
 * @throws Error naming the rule that it breaks, without the text
 */
export function checkCaCertificates(pem: string): string {
  const rule = `must be PEM text of 1 to ${MAX_CERTIFICATES} CA certificates and at most ${MAX_TEXT} characters`;
  if (pem.length > MAX_TEXT) throw new Error(`${rule}, got ${pem.length} characters`);
  const blocks = pem.match(BLOCK) ?? [];
  if (/PRIVATE KEY/.test(pem)) throw new Error(`${rule}, without a private key`);
  if (blocks.length === 0 || blocks.length > MAX_CERTIFICATES) {
    throw new Error(`${rule}, got ${blocks.length} certificates`);
  }
  if (pem.replace(BLOCK, '').trim() !== '') throw new Error(`${rule}, got text besides them`);
  for (const [index, block] of blocks.entries()) {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch {
      throw new Error(`${rule}; certificate ${index + 1} cannot be read`);
    }
    if (!certificate.ca) throw new Error(`${rule}; certificate ${index + 1} is not that of an authority`);
  }
  return pem;
}

export const caCertificates = text(checkCaCertificates);
