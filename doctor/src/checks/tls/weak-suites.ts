import type { Check } from '../../check.ts';
import { refusesOffers } from './refuse-offers.ts';

/** Without RSA key exchange, which tls/forward-secrecy covers. */
const NO_AEAD = 'DEFAULT:ALL:!AESGCM:!CHACHA20:!AESCCM:!aNULL:!eNULL:!PSK:!SRP:!kRSA@SECLEVEL=0';
const BROKEN = 'aNULL:eNULL:3DES:RC4:DES:EXPORT:MD5@SECLEVEL=0';

export const tlsWeakSuites: Check = {
  id: 'tls/weak-suites',
  title: 'Cipher suites without authenticated encryption are refused (CBC, 3DES, RC4, NULL, anonymous)',
  fault: 'Cipher suites without authenticated encryption are accepted (CBC, 3DES, RC4, NULL or anonymous)',
  severity: 'medium',
  why: 'Padding and bias attacks on these suites recover tokens from recorded connections',
  sends: 'two TLS 1.2 handshakes that offer only such suites',
  fix: 'Allow only AES-GCM and ChaCha20-Poly1305 suites',
  frameworks: { nginx: 'ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;' },
  reference: 'RFC 9325 §4.1, §4.2; RFC 7457',
  baseline: 'handshake',
  run: (probe) =>
    refusesOffers(
      probe,
      [NO_AEAD, BROKEN].map((ciphers) => ({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers })),
    ),
};
