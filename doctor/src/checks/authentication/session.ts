import { isDenial, succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, notApplicable, pass } from '../../verdict.ts';

export const authenticationSession: Check = {
  id: 'authentication/session',
  title: 'A session ID does not replace a token',
  fault: 'A session ID replaces the token',
  severity: 'high',
  why: 'Session IDs are in logs and error messages; each one then opens the server as its user',
  sends: 'a list with a valid session ID but no token',
  fix: 'Authenticate every request; never accept Mcp-Session-Id as authentication',
  frameworks: { 'TypeScript SDK': 'requireBearerAuth before the endpoint for POST, GET and DELETE' },
  reference: 'MCP 2025-11-25 Security Best Practices, Session Hijacking',
  baseline: 'session request',
  async run(probe, era) {
    if (era.access !== 'denied') return notApplicable('the server does not require a token');
    const answer = await probe.askBase(era, { auth: 'none' });
    const said = probe.describe(answer);
    if (isDenial(answer)) return pass(said);
    if (succeeded(answer)) return fail(said);
    return answer.failure === 'timeout' ? inconclusive(said) : pass(`refused, but not with 401: ${said}`);
  },
};
