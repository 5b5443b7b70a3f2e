import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

export const headersActiveContent: Check = {
  id: 'headers/active-content',
  title: 'No response is a page in which a browser would run scripts',
  fault: 'A response is a page in which a browser would run scripts',
  severity: 'low',
  why: 'Text that a client sent can become a script of the server’s origin',
  sends: 'nothing; reads the responses of all other checks',
  fix: "Answer with application/json, or add Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  frameworks: { Express: 'an error handler of your own, and one for 404, that answer with JSON' },
  reference: 'OWASP REST Security Cheat Sheet, Security Headers',
  baseline: 'nothing',
  async run({ seen }) {
    const pages = seen.filter(
      ({ headers }) =>
        /^(?:text\/html|application\/xhtml|image\/svg)/i.test(headers['content-type'] ?? '') &&
        !headers['content-security-policy']?.includes("default-src 'none'"),
    );
    const [page] = pages;
    if (page === undefined) return pass(`none of ${seen.length} responses`);
    return fail(
      `${pages.length} responses, for example ${page.path}: HTTP ${page.status} ${page.headers['content-type']}`,
    );
  },
};
