import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { presented } from './presented.ts';

/** Error codes that other checks report. They do not concern the issuer. */
const NOT_ABOUT_TRUST = [
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'EE_KEY_TOO_SMALL',
  'CA_KEY_TOO_SMALL',
  'CA_MD_TOO_WEAK',
];

export const certificateTrusted: Check = {
  id: 'certificate/trusted',
  title: 'The certificate is signed by an authority that clients trust',
  fault: 'The certificate is not signed by an authority that clients trust',
  severity: 'high',
  why: 'Clients must refuse the server, or skip the validation that keeps others from posing as it',
  sends: 'one handshake',
  fix: 'Send the full chain of a public authority; for a private authority, pass its certificate with --ca',
  frameworks: { nginx: 'ssl_certificate fullchain.pem;' },
  reference: 'RFC 9110 §4.3.4; RFC 5280 §6',
  baseline: 'handshake',
  async run(probe) {
    const { certificate, distrust } = await presented(probe);
    return distrust === undefined || NOT_ABOUT_TRUST.includes(distrust)
      ? pass(`issued by ${certificate.issuer.replaceAll('\n', ', ')}`)
      : fail(`${distrust}; the token was not sent`);
  },
};
