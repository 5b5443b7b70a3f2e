import { codeOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

export const jsonRpcUnknownMethod: Check = {
  id: 'json-rpc/unknown-method',
  title: 'An unknown method gets error code -32601',
  fault: 'An unknown method gets another response than error code -32601',
  severity: 'low',
  why: 'Clients cannot tell a method that is missing from one that failed',
  sends: 'a request with the method doctor/unknown',
  fix: 'Answer with JSON-RPC error code -32601; from revision 2026-07-28 on, with HTTP 404',
  reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header; JSON-RPC 2.0 §5.1',
  baseline: 'request',
  async run(probe, era) {
    const answer = await probe.ask(era, 'doctor/unknown');
    const said = probe.describe(answer);
    if (answer.failure === 'timeout') return inconclusive(said);
    const isRight = codeOf(answer) === -32_601 && (!era.isModern || answer.status === 404);
    return (isRight ? pass : fail)(said);
  },
};
