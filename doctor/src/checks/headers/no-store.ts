import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';

export const headersNoStore: Check = {
  id: 'headers/no-store',
  title: 'Caches do not store responses to authenticated clients',
  fault: 'Caches may store responses to authenticated clients',
  severity: 'low',
  why: 'A cache on the way may keep the data of one client, or give it to another',
  sends: 'a list with the token',
  fix: 'Add Cache-Control: no-store to the responses of the endpoint',
  frameworks: {
    Express: "response.set('Cache-Control', 'no-store')",
    nginx: 'add_header Cache-Control no-store always;',
  },
  reference: 'RFC 9111 §3.5, §5.2.2.5',
  baseline: 'request',
  async run({ known, askBase }, era) {
    if (!known.isProtected) return notApplicable('the server does not require a token');
    const value = (await askBase(era)).headers['cache-control'];
    const right = /(?:^|[\s,])no-store(?:$|[\s,])/i.test(value ?? '');
    return (right ? pass : fail)(value ?? 'the header is missing');
  },
};
