import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { OVERSIZE_MIB, oversized } from './oversize.ts';

export const bodiesChunkedSize: Check = {
  id: 'bodies/chunked-size',
  title: 'A chunked body above the limit is refused',
  fault: 'A very large chunked body is accepted',
  severity: 'medium',
  why: 'A limit that looks at Content-Length only does not see it, and a few clients fill the memory',
  sends: `a list with a chunked body of ${OVERSIZE_MIB} MiB`,
  fix: 'Count bytes while reading, and answer 413 at the limit',
  frameworks: { Express: "express.json({ limit: '1mb' })", Go: 'http.MaxBytesHandler(handler, 1<<20)' },
  reference: 'RFC 9110 §15.5.14; CWE-770',
  baseline: 'request',
  async run({ askBase, describe }, era) {
    const answer = await askBase(era, { body: oversized(era, OVERSIZE_MIB), chunked: true });
    return unanswered(describe(answer), answer);
  },
};
