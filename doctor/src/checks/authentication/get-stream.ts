import type { Check } from '../../check.ts';
import { isEventStream } from '../../exchange.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

export const authenticationGetStream: Check = {
  id: 'authentication/get-stream',
  title: 'No event stream opens without a token',
  fault: 'An event stream opens without a token',
  severity: 'high',
  why: 'Messages for other clients may be read on it, and open streams exhaust the server',
  sends: 'GET for an event stream without a token',
  fix: 'Authenticate GET like POST, or answer it with 405',
  frameworks: { 'TypeScript SDK': 'requireBearerAuth before app.get too' },
  reference: 'MCP 2025-11-25 Transports, Security Warning',
  baseline: 'denial',
  async run(probe, era) {
    const answer = await probe.send({
      method: 'GET',
      auth: 'none',
      headOnly: true,
      headers: { accept: 'text/event-stream', 'mcp-session-id': era.session },
    });
    const open = answer.status > 0 && answer.status < 300 && isEventStream(answer.headers);
    const said = probe.describe(answer);
    if (open) return fail(said);
    return answer.failure === 'timeout' ? inconclusive(said) : pass(said);
  },
};
