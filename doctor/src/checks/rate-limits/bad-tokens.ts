import { randomBytes } from 'node:crypto';
import type { Check } from '../../check.ts';
import { fail, inconclusive, notApplicable, pass } from '../../verdict.ts';
import { flood } from './flood.ts';

export const rateLimitsBadTokens: Check = {
  id: 'rate-limits/bad-tokens',
  title: 'Token guesses are rate-limited',
  fault: 'Token guesses are not rate-limited',
  severity: 'medium',
  why: 'An attacker tries tokens from leaks until one works, and each costs the server a validation',
  sends: 'a list with random tokens, up to the number in --rate-test',
  fix: 'Limit refused tokens per address, and answer 429 with Retry-After',
  frameworks: { Express: 'express-rate-limit with skipSuccessfulRequests: true' },
  reference: 'CWE-307; RFC 6819 §5.1.4.2.3',
  option: ['rateTest', 'needs --rate-test N'],
  baseline: 'answer',
  exhausts: true,
  async run(probe) {
    const era = probe.known.eras.find(({ access }) => access === 'denied');
    if (era === undefined) return notApplicable('the server does not require a token');
    const limited = await flood(probe, era, () => ({
      authorization: `Bearer ${randomBytes(32).toString('base64url')}`,
    }));
    if (limited === undefined) return fail(`no limit within ${probe.options.rateTest} requests`);
    if (limited.status === 403) return inconclusive('HTTP 403 may mean the limit or the refused token');
    return pass(`HTTP ${limited.status}, Retry-After: ${limited.headers['retry-after'] ?? '(none)'}`);
  },
};
