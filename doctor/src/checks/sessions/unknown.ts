import { randomUUID } from 'node:crypto';
import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { needSessions } from './need-session.ts';

export const sessionsUnknown: Check = {
  id: 'sessions/unknown',
  title: 'A session ID that was never issued is refused',
  fault: 'A session ID that was never issued is accepted',
  severity: 'medium',
  why: 'The session protects nothing that the server or a firewall believes it to protect',
  sends: 'a list with a random session ID',
  fix: 'Look the ID up, and answer 404 if it is unknown',
  reference: 'MCP 2025-11-25 Transports, Session Management',
  baseline: 'session request',
  async run(probe, era) {
    await needSessions(probe, era);
    const answer = await probe.askBase(era, { headers: { 'mcp-session-id': randomUUID() } });
    return unanswered(probe.describe(answer), answer);
  },
};
