import { setTimeout as sleep } from 'node:timers/promises';
import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';
import { needSessions } from './need-session.ts';

export const sessionsLifetime: Check = {
  id: 'sessions/lifetime',
  title: 'A session that is not used ends',
  fault: 'A session that is not used stays usable',
  severity: 'low',
  why: 'Sessions pile up until the memory is full, and a leaked ID is usable for longer than its user is there',
  sends: 'initialize, and a list after the time in --session-idle',
  fix: 'End sessions that were not used for some minutes',
  frameworks: { 'TypeScript SDK': 'a timer per transport that calls transport.close()' },
  reference: 'CWE-613; OWASP Session Management Cheat Sheet',
  option: ['sessionIdleMs', 'needs --session-idle SECONDS'],
  baseline: 'session request',
  waits: true,
  async run(probe, era) {
    const { sessionIdleMs = 0 } = probe.options;
    await needSessions(probe, era);
    const session = (await probe.post(era.helloMessage())).headers['mcp-session-id'];
    const headers = { 'mcp-session-id': session };
    const before = await probe.askBase(era, { headers });
    if (!succeeded(before)) return inconclusive(`in a second session: ${probe.describe(before)}`);
    await sleep(sessionIdleMs);
    const after = await probe.askBase(era, { headers });
    const said = `after ${sessionIdleMs / 1000} s: ${probe.describe(after)}`;
    if (after.failure === 'timeout') return inconclusive(said);
    return (succeeded(after) ? fail : pass)(said);
  },
};
