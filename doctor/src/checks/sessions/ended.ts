import { succeeded, unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { inconclusive, notApplicable } from '../../verdict.ts';
import { needSessions } from './need-session.ts';

export const sessionsEnded: Check = {
  id: 'sessions/ended',
  title: 'A session that was ended is refused',
  fault: 'A session works after it was ended',
  severity: 'medium',
  why: 'A session ID that leaked stays usable after the user logged out',
  sends: 'initialize, a list, DELETE, and the same list again',
  fix: 'Forget the session at DELETE, and answer 404 to later requests with its ID',
  frameworks: { 'TypeScript SDK': 'onsessionclosed: (id) => transports.delete(id)' },
  reference: 'MCP 2025-11-25 Transports, Session Management; CWE-613',
  baseline: 'session request',
  async run(probe, era) {
    await needSessions(probe, era);
    const session = (await probe.post(era.helloMessage())).headers['mcp-session-id'];
    const headers = { 'mcp-session-id': session };
    const before = await probe.askBase(era, { headers });
    if (session === undefined || !succeeded(before))
      return inconclusive(`in a second session: ${probe.describe(before)}`);
    const end = await probe.send({ method: 'DELETE', headers });
    if (end.status === 405 || end.status === 404) return notApplicable('clients cannot end sessions');
    if (end.status === 0 || end.status >= 300) return inconclusive(`DELETE: ${probe.describe(end)}`);
    const after = await probe.askBase(era, { headers });
    return unanswered(`DELETE: HTTP ${end.status}; then: ${probe.describe(after)}`, after);
  },
};
