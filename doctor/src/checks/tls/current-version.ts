import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { agreed } from './refuse-offers.ts';

export const tlsCurrentVersion: Check = {
  id: 'tls/current-version',
  title: 'TLS 1.3 is supported',
  fault: 'TLS 1.3 is not supported',
  severity: 'low',
  why: 'Clients fall back to TLS 1.2, whose handshake hides less and takes longer',
  sends: 'one handshake that offers only TLS 1.3',
  fix: 'Enable TLS 1.3',
  frameworks: { nginx: 'ssl_protocols TLSv1.2 TLSv1.3;' },
  reference: 'RFC 9325 §3.1.1',
  baseline: 'handshake',
  async run(probe) {
    const shake = await probe.handshake({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
    return shake.protocol === undefined ? fail(`refused (${shake.failure})`) : pass(agreed(shake));
  },
};
