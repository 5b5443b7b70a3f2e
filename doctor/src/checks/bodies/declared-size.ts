import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { OVERSIZE_MIB, oversized } from './oversize.ts';

export const bodiesDeclaredSize: Check = {
  id: 'bodies/declared-size',
  title: 'A body with a Content-Length above the limit is refused',
  fault: 'A very large body with its Content-Length is accepted',
  severity: 'medium',
  why: 'A few clients fill the memory of the server',
  sends: `a list with a body of ${OVERSIZE_MIB} MiB and its Content-Length`,
  fix: 'Check Content-Length before reading, and answer 413; 4 MiB or less is enough for any message',
  frameworks: {
    Express: "express.json({ limit: '1mb' })",
    nginx: 'client_max_body_size 1m;',
    Spring: 'a filter that compares Content-Length; spring.servlet.multipart does not apply',
    Go: 'http.MaxBytesHandler(handler, 1<<20)',
  },
  reference: 'RFC 9110 §15.5.14; CWE-770',
  baseline: 'request',
  async run({ askBase, describe }, era) {
    const answer = await askBase(era, { body: oversized(era, OVERSIZE_MIB) });
    return unanswered(describe(answer), answer);
  },
};
