import type { Check } from '../../check.ts';
import { refusesOffers } from './refuse-offers.ts';

export const tlsForwardSecrecy: Check = {
  id: 'tls/forward-secrecy',
  title: 'Cipher suites without forward secrecy are refused (RSA key exchange)',
  fault: 'Cipher suites without forward secrecy are accepted (RSA key exchange)',
  severity: 'medium',
  why: 'Anyone who gets the private key later can decrypt all recorded connections',
  sends: 'one TLS 1.2 handshake that offers only RSA key exchange',
  fix: 'Allow only ECDHE suites',
  frameworks: { nginx: 'ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;' },
  reference: 'RFC 9325 §4.1',
  baseline: 'handshake',
  run: (probe) =>
    refusesOffers(probe, [
      { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'kRSA:!eNULL@SECLEVEL=0' },
    ]),
};
