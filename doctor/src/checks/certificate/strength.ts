import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { presented } from './presented.ts';

/** DER encodings of the object identifiers sha1WithRSAEncryption, md5WithRSAEncryption and ecdsa-with-SHA1. */
const WEAK_SIGNATURES = ['2a864886f70d010105', '2a864886f70d010104', '2a8648ce3d0401'];

export const certificateStrength: Check = {
  id: 'certificate/strength',
  title: 'The certificate has a strong key and signature',
  fault: 'The certificate has a weak key or signature',
  severity: 'medium',
  why: 'The key can be computed, or a second certificate with the same signature be made',
  sends: 'one handshake',
  fix: 'Use an EC key (P-256 or larger) or an RSA key (2048 bits or more), signed with SHA-256 or stronger',
  reference: 'RFC 9325 §4.5, §4.6',
  baseline: 'handshake',
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
};
