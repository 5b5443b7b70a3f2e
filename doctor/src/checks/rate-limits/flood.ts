import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';

/** Parallel requests: enough to reach a limit in seconds, few enough not to slow other clients. */
const BURST = 8;

/** Sends requests until the server limits the client or `rateTest` is reached. */
export async function flood(
  probe: Probe,
  era: Era,
  headers: () => Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  const { rateTest = 0 } = probe.options;
  for (let sent = 0; sent < rateTest; sent += BURST) {
    const burst = Array.from({ length: Math.min(BURST, rateTest - sent) }, () =>
      probe.askBase(era, { acceptsLimit: true, headers: headers() }),
    );
    const answers = await Promise.all(burst);
    // A firewall may answer 403.
    const limited = answers.find(({ status }) => [403, 429, 503].includes(status));
    if (limited !== undefined) return limited;
  }
  return undefined;
}

export const RATE_REFERENCE = 'MCP 2026-07-28 Tools, Security Considerations; RFC 6585 §4';
