import type { Check } from '../check.ts';
import { needAccess, needProtection, needTls } from '../probe.ts';
import { fail, pass } from '../verdict.ts';

const YEAR_SECONDS = 31_536_000;

export const HEADER_CHECKS: readonly Check[] = [
  {
    id: 'headers/hsts',
    title: 'Strict-Transport-Security is set for one year or longer',
    severity: 'medium',
    sends: 'one request without a token',
    fix: `Add Strict-Transport-Security: max-age=${2 * YEAR_SECONDS} to every response, including refusals`,
    reference: 'RFC 6797 §7.1',
    async run(probe) {
      needTls(probe);
      const value = probe.known.refusal.headers['strict-transport-security'];
      const [, seconds] = /(?:^|;)\s*max-age="?(\d+)/i.exec(value ?? '') ?? [];
      return (Number(seconds) >= YEAR_SECONDS ? pass : fail)(value ?? 'the header is missing');
    },
  },
  {
    id: 'headers/nosniff',
    title: 'X-Content-Type-Options is nosniff',
    severity: 'low',
    sends: 'one request without a token',
    fix: 'Add X-Content-Type-Options: nosniff to every response',
    reference: 'WHATWG Fetch §3.6; OWASP REST Security Cheat Sheet',
    async run({ known }) {
      const value = known.refusal.headers['x-content-type-options'];
      return (value?.toLowerCase() === 'nosniff' ? pass : fail)(value ?? 'the header is missing');
    },
  },
  {
    id: 'headers/no-store',
    title: 'Caches do not store responses to authenticated clients',
    severity: 'low',
    sends: 'tools/list with the token',
    fix: 'Add Cache-Control: no-store to the responses of the endpoint',
    reference: 'RFC 9111 §3.5, §5.2.2.5',
    async run(probe) {
      needAccess(probe);
      needProtection(probe);
      const value = (await probe.ask('tools/list')).headers['cache-control'];
      return (/(?:^|[\s,])no-store(?:$|[\s,])/i.test(value ?? '') ? pass : fail)(
        value ?? 'the header is missing',
      );
    },
  },
];

/** Reads the responses of all other checks. */
export const OBSERVED_HEADER_CHECKS: readonly Check[] = [
  {
    id: 'headers/active-content',
    title: 'No response is a page in which a browser would run scripts',
    severity: 'low',
    sends: 'nothing; reads the responses of all other checks',
    fix: "Answer with application/json, or add Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    reference: 'OWASP REST Security Cheat Sheet, Security Headers',
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
  },
];
