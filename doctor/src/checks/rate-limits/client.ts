import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { flood, RATE_REFERENCE } from './flood.ts';

export const rateLimitsClient: Check = {
  id: 'rate-limits/client',
  title: 'A client that sends too many requests is limited, with Retry-After',
  fault: 'A client that sends too many requests is not limited',
  severity: 'medium',
  why: 'One client, or one confused agent, uses up the service and its bill',
  sends: 'a list with the token, up to the number in --rate-test',
  fix: 'Limit requests per client, and answer 429 with Retry-After',
  frameworks: {
    Express: 'express-rate-limit with keyGenerator: (request) => request.auth.clientId',
    nginx: 'limit_req',
  },
  reference: RATE_REFERENCE,
  option: ['rateTest', 'needs --rate-test N'],
  baseline: 'access',
  exhausts: true,
  async run(probe) {
    const [era] = probe.known.eras.filter(({ isServed }) => isServed);
    const limited = era && (await flood(probe, era, () => ({})));
    if (limited === undefined) return fail(`no limit within ${probe.options.rateTest} requests`);
    const retry = limited.headers['retry-after'];
    if (limited.status === 429 && retry === undefined) return fail('429 without Retry-After');
    return pass(`HTTP ${limited.status}, Retry-After: ${retry ?? '(none)'}`);
  },
};
