import { succeeded } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Probe } from '../../probe.ts';
import { Inconclusive, notApplicable } from '../../verdict.ts';

/** @throws Inconclusive if requests succeed without a session, so that a session protects nothing */
export async function needSessions(probe: Probe, era: Era): Promise<void> {
  const answer = await probe.askBase(era, { headers: { 'mcp-session-id': undefined } });
  if (succeeded(answer)) throw new Inconclusive(notApplicable('requests succeed without a session'));
}
