import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import type { Era } from '../../era.ts';
import type { Probe } from '../../probe.ts';
import { type Verdict, worst } from '../../verdict.ts';
import { FOREIGN, severityOfOpenOrigin } from './context.ts';

/** Sends the unaltered request with each origin. */
export async function refusesOrigins(probe: Probe, era: Era, origins: readonly string[]): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const origin of origins) {
    const answer = await probe.askBase(era, { headers: { origin } });
    verdicts.push(unanswered(`origin: ${origin}: ${probe.describe(answer)}`, answer));
  }
  const whole = worst(verdicts);
  if (whole.outcome !== 'fail') return whole;
  return { ...whole, severity: await severityOfOpenOrigin(probe, era) };
}

export const originForeign: Check = {
  id: 'origin/foreign',
  title: 'Requests from other origins are refused',
  fault: 'Requests from pages of other origins are answered',
  severity: 'high',
  why: 'A page in the browser of a user can call the tools of a server that only the user reaches',
  sends: `a list with Origin: ${FOREIGN} and with Origin: null`,
  fix: 'Answer 403 if Origin is present and not on your list',
  frameworks: {
    'TypeScript SDK': 'createMcpExpressApp({ allowedOrigins: […] })',
    'FastMCP (Python)': 'TransportSecuritySettings(allowed_origins=[…])',
    Express: 'compare request.get("origin") with your list before the endpoint; cors() alone refuses nothing',
    Go: 'http.NewCrossOriginProtection().Handler(handler)',
  },
  reference: 'MCP 2026-07-28 Streamable HTTP, Security & Endpoint (CVE-2025-66414)',
  baseline: 'request',
  run: (probe, era) => refusesOrigins(probe, era, [FOREIGN, 'null']),
};
