import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

export const headersNosniff: Check = {
  id: 'headers/nosniff',
  title: 'X-Content-Type-Options is nosniff',
  fault: 'X-Content-Type-Options is missing',
  severity: 'low',
  why: 'A browser may treat a response as a page or a script because of its content',
  sends: 'one request without a token',
  fix: 'Add X-Content-Type-Options: nosniff to every response',
  frameworks: {
    Express: 'app.use(helmet.noSniff())',
    nginx: 'add_header X-Content-Type-Options nosniff always;',
    Hono: 'app.use(secureHeaders())',
  },
  reference: 'WHATWG Fetch §3.6; OWASP REST Security Cheat Sheet',
  baseline: 'answer',
  async run({ known }) {
    const value = known.bare.headers['x-content-type-options'];
    return (value?.toLowerCase() === 'nosniff' ? pass : fail)(value ?? 'the header is missing');
  },
};
