import { randomBytes } from 'node:crypto';
import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { needAccess, needProtection, type Probe } from '../probe.ts';
import { fail, Inconclusive, inconclusive, notApplicable, pass } from '../verdict.ts';

/** Parallel requests: enough to reach a limit in seconds, few enough not to slow other clients. */
const BURST = 8;

/** Sends requests until the server limits the client or `rateTest` is reached. */
async function flood(
  probe: Probe,
  headers: () => Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  const { rateTest } = probe.options;
  if (rateTest === undefined) throw new Inconclusive(notApplicable('needs --rate-test N'));
  for (let sent = 0; sent < rateTest; sent += BURST) {
    const burst = Array.from({ length: Math.min(BURST, rateTest - sent) }, () =>
      probe.ask('tools/list', {}, { acceptsLimit: true, headers: headers() }),
    );
    const answers = await Promise.all(burst);
    // A firewall may answer 403.
    const limited = answers.find(({ status }) => [403, 429, 503].includes(status));
    if (limited !== undefined) return limited;
  }
  return undefined;
}

const REFERENCE = 'MCP 2026-07-28 Tools, Security Considerations; RFC 6585 §4';

export const RATE_LIMIT_CHECKS: readonly Check[] = [
  {
    id: 'rate-limits/client',
    title: 'A client that sends too many requests is limited, with Retry-After',
    severity: 'medium',
    sends: 'tools/list with the token, up to the number in --rate-test',
    fix: 'Limit requests per client, and answer 429 with Retry-After',
    reference: REFERENCE,
    async run(probe) {
      needAccess(probe);
      const limited = await flood(probe, () => ({}));
      if (limited === undefined) return fail(`no limit within ${probe.options.rateTest} requests`);
      const retry = limited.headers['retry-after'];
      if (limited.status === 429 && retry === undefined) return fail('429 without Retry-After');
      return pass(`HTTP ${limited.status}, Retry-After: ${retry ?? '(none)'}`);
    },
  },
  {
    id: 'rate-limits/bad-tokens',
    title: 'Token guesses are rate-limited',
    severity: 'medium',
    sends: 'tools/list with random tokens, up to the number in --rate-test',
    fix: 'Limit refused tokens per address, and answer 429 with Retry-After',
    reference: 'CWE-307; RFC 6819 §5.1.4.2.3',
    async run(probe) {
      needProtection(probe);
      const limited = await flood(probe, () => ({
        authorization: `Bearer ${randomBytes(32).toString('base64url')}`,
      }));
      if (limited === undefined) return fail(`no limit within ${probe.options.rateTest} requests`);
      if (limited.status === 403) return inconclusive('HTTP 403 may mean the limit or the refused token');
      return pass(`HTTP ${limited.status}, Retry-After: ${limited.headers['retry-after'] ?? '(none)'}`);
    },
  },
];
