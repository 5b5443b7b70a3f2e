import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Check } from '../check.ts';
import { needTls, type Probe } from '../probe.ts';
import { fail, Inconclusive, inconclusive, pass } from '../verdict.ts';

/** Renewal that works leaves more than this; public certificates are renewed 30 days before their end or earlier. */
const MIN_DAYS_LEFT = 14;
const DAY_MS = 86_400_000;
/** Findings of other checks, which say nothing about who signed it. */
const NOT_ABOUT_TRUST = [
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'EE_KEY_TOO_SMALL',
  'CA_KEY_TOO_SMALL',
  'CA_MD_TOO_WEAK',
];
/** DER of the object identifiers sha1WithRSAEncryption, md5WithRSAEncryption and ecdsa-with-SHA1. */
const WEAK_SIGNATURES = ['2a864886f70d010105', '2a864886f70d010104', '2a8648ce3d0401'];

async function presented(
  probe: Probe,
): Promise<{ certificate: X509Certificate; distrust: string | undefined }> {
  needTls(probe);
  const { certificate, distrust, failure } = await probe.handshake();
  if (certificate === undefined) throw new Inconclusive(inconclusive(`no certificate was seen (${failure})`));
  return { certificate, distrust };
}

export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    id: 'certificate/trusted',
    title: 'The certificate is signed by an authority that clients believe',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Send the whole chain of a public authority; for a private one pass its certificate with --ca',
    reference: 'RFC 9110 §4.3.4; RFC 5280 §6',
    async run(probe) {
      const { certificate, distrust } = await presented(probe);
      return distrust === undefined || NOT_ABOUT_TRUST.includes(distrust)
        ? pass(`issued by ${certificate.issuer.replaceAll('\n', ', ')}`)
        : fail(`${distrust}; the token was not sent anywhere`);
    },
  },
  {
    id: 'certificate/name',
    title: 'The certificate names the host of the URL',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Get a certificate whose subjectAltName has this host',
    reference: 'RFC 9110 §4.3.4; RFC 9525',
    async run(probe) {
      const { certificate } = await presented(probe);
      const { host } = probe.target;
      const named = isIP(host)
        ? certificate.checkIP(host)
        : certificate.checkHost(host, { subject: 'never' });
      const names = `it names ${certificate.subjectAltName ?? 'nothing'}`;
      return named === undefined ? fail(names) : pass(names);
    },
  },
  {
    id: 'certificate/validity',
    title: 'The certificate is valid now',
    severity: 'high',
    sends: 'one handshake',
    fix: 'Renew the certificate, automatically',
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
    title: `The certificate does not end within ${MIN_DAYS_LEFT} days`,
    severity: 'low',
    sends: 'one handshake',
    fix: 'Find out why it was not renewed',
    reference: 'practice: automated renewal',
    async run(probe) {
      const { certificate } = await presented(probe);
      const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
      // One that has ended is the check above's.
      if (days <= 0) return inconclusive('it has ended');
      return (days >= MIN_DAYS_LEFT ? pass : fail)(`${Math.floor(days)} days left`);
    },
  },
  {
    id: 'certificate/strength',
    title: 'Key and signature of the certificate are strong',
    severity: 'medium',
    sends: 'one handshake',
    fix: 'Use an EC key of P-256 or better, or RSA of 2048 bits or more, signed with SHA-256 or better',
    reference: 'RFC 9325 §4.5, §4.6',
    async run(probe) {
      const { certificate } = await presented(probe);
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
      const { modulusLength, namedCurve } = details ?? {};
      const key = `${type} ${modulusLength ?? namedCurve ?? ''}`.trim();
      const der = certificate.raw.toString('hex');
      const signed = WEAK_SIGNATURES.some((oid) => der.includes(oid)) ? 'SHA-1 or MD5' : 'SHA-2 or better';
      const weak = (modulusLength ?? 2048) < 2048 || signed === 'SHA-1 or MD5';
      return (weak ? fail : pass)(`${key}, signed with ${signed}`);
    },
  },
];
