import type { Check } from '../../check.ts';
import { refusesOffers } from './refuse-offers.ts';

export const tlsOldVersions: Check = {
  id: 'tls/old-versions',
  title: 'TLS 1.0 and 1.1 are refused',
  fault: 'TLS 1.0 or 1.1 is accepted',
  severity: 'high',
  why: 'An attacker on the way can force a client down to a version with known attacks',
  sends: 'one handshake that offers only TLS 1.0, and one that offers only TLS 1.1',
  fix: 'Set the minimum version to TLS 1.2, for example with an ELBSecurityPolicy-TLS13-1-2 policy',
  frameworks: { nginx: 'ssl_protocols TLSv1.2 TLSv1.3;', 'Node.js': "minVersion: 'TLSv1.2'" },
  reference: 'RFC 8996',
  baseline: 'handshake',
  run: (probe) =>
    refusesOffers(
      probe,
      (['TLSv1', 'TLSv1.1'] as const).map((version) => ({
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT:ALL@SECLEVEL=0',
      })),
    ),
};
