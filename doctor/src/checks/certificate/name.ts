import { isIP } from 'node:net';
import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { presented } from './presented.ts';

export const certificateName: Check = {
  id: 'certificate/name',
  title: 'The certificate matches the host in the URL',
  fault: 'The certificate is for another host',
  severity: 'high',
  why: 'Clients must refuse the server, or skip the validation that keeps others from posing as it',
  sends: 'one handshake',
  fix: 'Get a certificate that lists this host in subjectAltName',
  reference: 'RFC 9110 §4.3.4; RFC 9525',
  baseline: 'handshake',
  async run(probe) {
    const { certificate } = await presented(probe);
    const { host } = probe.target;
    const named = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
    const names = `subjectAltName: ${certificate.subjectAltName ?? '(none)'}`;
    return named === undefined ? fail(names) : pass(names);
  },
};
