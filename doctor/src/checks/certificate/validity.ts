import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { presented } from './presented.ts';

export const certificateValidity: Check = {
  id: 'certificate/validity',
  title: 'The certificate is within its validity period',
  fault: 'The certificate has expired or is not yet valid',
  severity: 'high',
  why: 'Clients must refuse the server, or skip the validation that keeps others from posing as it',
  sends: 'one handshake',
  fix: 'Renew the certificate, and automate its renewal',
  reference: 'RFC 5280 §4.1.2.5',
  baseline: 'handshake',
  async run(probe) {
    const { validFrom, validTo } = (await presented(probe)).certificate;
    const now = Date.now();
    const valid = Date.parse(validFrom) <= now && now < Date.parse(validTo);
    return (valid ? pass : fail)(`valid from ${validFrom} to ${validTo}`);
  },
};
