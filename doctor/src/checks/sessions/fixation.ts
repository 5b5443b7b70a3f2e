import { randomUUID } from 'node:crypto';
import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';
import { needSessions } from './need-session.ts';

export const sessionsFixation: Check = {
  id: 'sessions/fixation',
  title: 'The server chooses the session ID',
  fault: 'A client chooses the session ID (session fixation)',
  severity: 'high',
  why: 'An attacker gives a victim a session ID that it knows, and uses the session of the victim afterwards',
  sends: 'initialize with an Mcp-Session-Id that the doctor chose, and a list with it',
  fix: 'Generate a new ID for every initialize, and ignore the one in the request',
  frameworks: { 'TypeScript SDK': 'sessionIdGenerator: () => randomUUID(), one transport per initialize' },
  reference: 'CWE-384; MCP 2025-11-25 Security Best Practices, Session Hijacking',
  baseline: 'session request',
  async run(probe, era) {
    await needSessions(probe, era);
    const headers = { 'mcp-session-id': randomUUID() };
    const hello = await probe.post(era.helloMessage(), { headers });
    const list = await probe.askBase(era, { headers });
    const said = `initialize: ${probe.describe(hello)}; then: ${probe.describe(list)}`;
    if (succeeded(list)) return fail(said);
    const isSilent = [hello, list].some(({ failure }) => failure === 'timeout');
    return isSilent ? inconclusive(said) : pass(said);
  },
};
