import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';

export const tlsEncrypted: Check = {
  id: 'tls/encrypted',
  title: 'The endpoint uses TLS',
  fault: 'The endpoint is reached without TLS',
  severity: 'high',
  why: 'Every machine on the way reads the tokens and the results, and can change them',
  sends: 'nothing; reads the URL',
  fix: 'Serve the endpoint over https only; otherwise tokens cross the network unencrypted',
  reference: 'MCP 2026-07-28 Authorization, Communication Security; RFC 6750 §5.3',
  baseline: 'nothing',
  async run({ target }) {
    if (target.secure) return pass('the URL is https');
    if (target.loopback) return notApplicable('plain HTTP on loopback never leaves this machine');
    return fail('the URL is http');
  },
};
