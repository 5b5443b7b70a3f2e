import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Check } from '../check.ts';
import { needTls, type Probe } from '../probe.ts';
import { fail, Inconclusive, inconclusive, pass } from '../verdict.ts';

/** Automated renewal replaces a public certificate 30 or more days before it expires. */
const MIN_DAYS_LEFT = 14;
const DAY_MS = 86_400_000;
/** Error codes that other checks report. They do not concern the issuer. */
const NOT_ABOUT_TRUST = [
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'EE_KEY_TOO_SMALL',
  'CA_KEY_TOO_SMALL',
  'CA_MD_TOO_WEAK',
];
/** DER encodings of the object identifiers sha1WithRSAEncryption, md5WithRSAEncryption and ecdsa-with-SHA1. */
const WEAK_SIGNATURES = ['2a864886f70d010105', '2a864886f70d010104', '2a8648ce3d0401'];

async function presented(
  probe: Probe,
): Promise<{ certificate: X509Certificate; distrust: string | undefined }> {
  needTls(probe);
  const { certificate, distrust, failure } = await probe.handshake();
  if (certificate === undefined)
    throw new Inconclusive(inconclusive(`the server sent no certificate (${failure})`));
  return { certificate, distrust };
}

export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    id: 'certificate/trusted',
    title: 'The certificate is signed by an authority that clients trust',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Send the full chain of a public authority; for a private authority, pass its certificate with --ca',
    reference: 'RFC 9110 §4.3.4; RFC 5280 §6',
    async run(probe) {
      const { certificate, distrust } = await presented(probe);
      return distrust === undefined || NOT_ABOUT_TRUST.includes(distrust)
        ? pass(`issued by ${certificate.issuer.replaceAll('\n', ', ')}`)
        : fail(`${distrust}; the token was not sent`);
    },
  },
  {
    id: 'certificate/name',
    title: 'The certificate matches the host in the URL',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Get a certificate that lists this host in subjectAltName',
    reference: 'RFC 9110 §4.3.4; RFC 9525',
    async run(probe) {
      const { certificate } = await presented(probe);
      const { host } = probe.target;
      const named = isIP(host)
        ? certificate.checkIP(host)
        : certificate.checkHost(host, { subject: 'never' });
      const names = `subjectAltName: ${certificate.subjectAltName ?? '(none)'}`;
      return named === undefined ? fail(names) : pass(names);
    },
  },
  {
    id: 'certificate/validity',
    title: 'The certificate is within its validity period',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Renew the certificate, and automate its renewal',
    reference: 'RFC 5280 §4.1.2.5',
    async run(probe) {
      const { certificate } = await presented(probe);
      const { validFrom, validTo } = certificate;
      const now = Date.now();
      const valid = Date.parse(validFrom) <= now && now < Date.parse(validTo);
      return (valid ? pass : fail)(`valid from ${validFrom} to ${validTo}`);
    },
  },
  {
    id: 'certificate/renewal',
    title: `The certificate does not expire within ${MIN_DAYS_LEFT} days`,
    severity: 'low',
    sends: 'one handshake',
    fix: 'Find out why the certificate was not renewed',
    reference: 'practice: automated renewal',
    async run(probe) {
      const { certificate } = await presented(probe);
      const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
      // certificate/validity reports an expired certificate.
      if (days <= 0) return inconclusive('the certificate has expired');
      return (days >= MIN_DAYS_LEFT ? pass : fail)(`${Math.floor(days)} days left`);
    },
  },
  {
    id: 'certificate/strength',
    title: 'The certificate has a strong key and signature',
    severity: 'medium',
    sends: 'one handshake',
    fix: 'Use an EC key (P-256 or larger) or an RSA key (2048 bits or more), signed with SHA-256 or stronger',
    reference: 'RFC 9325 §4.5, §4.6',
    async run(probe) {
      const { certificate } = await presented(probe);
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
      const { modulusLength, namedCurve } = details ?? {};
      const key = `${type} ${modulusLength ?? namedCurve ?? ''}`.trim();
      const der = certificate.raw.toString('hex');
      const signed = WEAK_SIGNATURES.some((oid) => der.includes(oid)) ? 'SHA-1 or MD5' : 'SHA-2 or stronger';
      const weak = (modulusLength ?? 2048) < 2048 || signed === 'SHA-1 or MD5';
      return (weak ? fail : pass)(`${key}, signed with ${signed}`);
    },
  },
];
