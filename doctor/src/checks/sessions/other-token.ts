import { succeeded, unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { inconclusive, notApplicable } from '../../verdict.ts';
import { bearer } from '../authentication/try-credential.ts';
import { needSessions } from './need-session.ts';

export const sessionsOtherToken: Check = {
  id: 'sessions/other-token',
  title: 'The session of one token is refused for another',
  fault: 'The session of one token is served to another',
  severity: 'high',
  why: 'A client with a token of its own reads the messages of any client whose session ID it learns',
  sends: 'a list with MCP_SECOND_TOKEN in the session of MCP_TOKEN',
  fix: 'Store the subject of the token with the session, and compare it on every request',
  frameworks: {
    'TypeScript SDK': 'compare request.auth.clientId with the one at initialize; the transport does not',
  },
  reference: 'MCP 2025-11-25 Security Best Practices, Session Hijacking; CVE-2026-52869',
  option: ['secondToken', 'MCP_SECOND_TOKEN is not set'],
  baseline: 'session request',
  async run(probe, era) {
    if (era.access !== 'denied') return notApplicable('the server does not require a token');
    await needSessions(probe, era);
    const second = bearer(probe.options.secondToken ?? '').headers;
    const hello = await probe.post(era.helloMessage(), { headers: second });
    const own = { ...second, 'mcp-session-id': hello.headers['mcp-session-id'] };
    const usual = await probe.askBase(era, { headers: own });
    if (!succeeded(usual))
      return inconclusive(`the second token in its own session: ${probe.describe(usual)}`);
    const answer = await probe.askBase(era, { headers: { ...second } });
    return unanswered(probe.describe(answer), answer);
  },
};
