import type { Check } from '../check.ts';
import { needAccess, needProtection, needTls } from '../probe.ts';
import { fail, pass } from '../verdict.ts';

const YEAR_SECONDS = 31_536_000;

export const HEADER_CHECKS: readonly Check[] = [
  {
    id: 'headers/hsts',
    title: 'Strict-Transport-Security for a year or more',
    severity: 'medium',
    sends: 'one request without a token',
    fix: `Add Strict-Transport-Security: max-age=${2 * YEAR_SECONDS} to every answer, refusals included`,
    reference: 'RFC 6797 §7.1',
    async run(probe) {
      needTls(probe);
      const value = probe.known.refusal.headers['strict-transport-security'];
      const [, seconds] = /(?:^|;)\s*max-age="?(\d+)/i.exec(value ?? '') ?? [];
      return (Number(seconds) >= YEAR_SECONDS ? pass : fail)(value ?? 'there is none');
    },
  },
  {
    id: 'headers/nosniff',
    title: 'X-Content-Type-Options: nosniff',
    severity: 'low',
    sends: 'one request without a token',
    fix: 'Add X-Content-Type-Options: nosniff to every answer',
    reference: 'WHATWG Fetch §3.6; OWASP REST Security Cheat Sheet',
    async run({ known }) {
      const value = known.refusal.headers['x-content-type-options'];
      return (value?.toLowerCase() === 'nosniff' ? pass : fail)(value ?? 'there is none');
    },
  },
  {
    id: 'headers/no-store',
    title: 'No cache keeps what an authenticated client was told',
    severity: 'low',
    sends: 'tools/list with the token',
    fix: 'Add Cache-Control: no-store to answers of the endpoint',
    reference: 'RFC 9111 §3.5, §5.2.2.5',
    async run(probe) {
      needAccess(probe);
      needProtection(probe);
      const value = (await probe.ask('tools/list')).headers['cache-control'];
      return (/(?:^|[\s,])no-store(?:$|[\s,])/i.test(value ?? '') ? pass : fail)(value ?? 'there is none');
    },
  },
];

/** Look at what all others were answered. */
export const OBSERVED_HEADER_CHECKS: readonly Check[] = [
  {
    id: 'headers/active-content',
    title: 'No answer is a page that a browser would run scripts of',
    severity: 'low',
    sends: 'nothing; looks at the answers to all other checks',
    fix: "Answer with application/json, or add Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    reference: 'OWASP REST Security Cheat Sheet, Security Headers',
    async run({ seen }) {
      const pages = seen.filter(
        ({ headers }) =>
          /^(?:text\/html|application\/xhtml|image\/svg)/i.test(headers['content-type'] ?? '') &&
          !headers['content-security-policy']?.includes("default-src 'none'"),
      );
      const [page] = pages;
      if (page === undefined) return pass(`none of ${seen.length} answers`);
      return fail(
        `${pages.length} answers, such as ${page.path}: HTTP ${page.status} ${page.headers['content-type']}`,
      );
    },
  },
];
