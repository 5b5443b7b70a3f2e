import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';
import { presented } from './presented.ts';

/** Automated renewal replaces a public certificate 30 or more days before it expires. */
const MIN_DAYS_LEFT = 14;
const DAY_MS = 86_400_000;

export const certificateRenewal: Check = {
  id: 'certificate/renewal',
  title: `The certificate does not expire within ${MIN_DAYS_LEFT} days`,
  fault: `The certificate expires within ${MIN_DAYS_LEFT} days`,
  severity: 'low',
  why: 'The automatic renewal has probably failed, and all clients will lose the server',
  sends: 'one handshake',
  fix: 'Find out why the certificate was not renewed',
  reference: 'practice: automated renewal',
  baseline: 'handshake',
  async run(probe) {
    const { certificate } = await presented(probe);
    const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
    // certificate/validity reports an expired certificate.
    if (days <= 0) return inconclusive('the certificate has expired');
    return (days >= MIN_DAYS_LEFT ? pass : fail)(`${Math.floor(days)} days left`);
  },
};
