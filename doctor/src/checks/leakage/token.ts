import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';

export const leakageToken: Check = {
  id: 'leakage/token',
  title: 'No response contains the token',
  fault: 'A response contains the token',
  severity: 'high',
  why: 'Logs, caches and error reports of the response keep the token',
  sends: 'nothing; reads the responses of all other checks',
  fix: 'Never copy request headers into responses, errors or redirects',
  reference: 'CWE-522; RFC 6750 §5.3',
  baseline: 'nothing',
  async run({ credentials, tokenEchoes, seen }) {
    if (tokenEchoes.length > 0) return fail(tokenEchoes.slice(0, 5).join('; '));
    if (Object.keys(credentials).length === 0) return notApplicable('no token was sent');
    return pass(`in none of ${seen.length} responses`);
  },
};
