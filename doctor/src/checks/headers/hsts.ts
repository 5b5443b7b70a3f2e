import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

const YEAR_SECONDS = 31_536_000;

export const headersHsts: Check = {
  id: 'headers/hsts',
  title: 'Strict-Transport-Security is set for one year or longer',
  fault: 'Strict-Transport-Security is missing or shorter than one year',
  severity: 'medium',
  why: 'Browsers and some clients follow the first http link to the server over the open network',
  sends: 'one request without a token',
  fix: `Add Strict-Transport-Security: max-age=${2 * YEAR_SECONDS} to every response, including refusals`,
  frameworks: {
    Express: 'app.use(helmet.hsts())',
    nginx: `add_header Strict-Transport-Security "max-age=${2 * YEAR_SECONDS}" always;`,
    Spring: 'http.headers().httpStrictTransportSecurity()',
  },
  reference: 'RFC 6797 §7.1',
  baseline: 'handshake',
  async run({ known }) {
    const value = known.bare.headers['strict-transport-security'];
    const [, seconds] = /(?:^|;)\s*max-age="?(\d+)/i.exec(value ?? '') ?? [];
    return (Number(seconds) >= YEAR_SECONDS ? pass : fail)(value ?? 'the header is missing');
  },
};
