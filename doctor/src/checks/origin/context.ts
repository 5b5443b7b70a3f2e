import { succeeded } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Probe } from '../../probe.ts';
import type { Severity } from '../../verdict.ts';

export const FOREIGN = 'https://attacker.example';

/**
 * The severity of an answer to a page of another origin. A page cannot send a bearer token that it does not know. Without
 * CORS headers it cannot read the answer, nor send JSON at all; DNS rebinding gets around that unless Host is checked.
 */
export async function severityOfOpenOrigin(probe: Probe, era: Era): Promise<Severity> {
  if (probe.known.isProtected) return 'low';
  const isReadable = (origin: string | undefined) => origin === '*' || origin === FOREIGN;
  const headers = { origin: FOREIGN, 'access-control-request-method': 'POST' };
  const preflight = await probe.send({ method: 'OPTIONS', auth: 'none', headers });
  const rebound = await probe.askBase(era, { headers: { host: 'attacker.example' } });
  const isOpen = isReadable(preflight.headers['access-control-allow-origin']) || succeeded(rebound);
  return isOpen ? 'high' : 'medium';
}
