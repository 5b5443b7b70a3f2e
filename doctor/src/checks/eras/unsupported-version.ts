import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

export const erasUnsupportedVersion: Check = {
  id: 'eras/unsupported-version',
  title: 'An unknown protocol version is refused',
  fault: 'An unknown protocol version is accepted',
  severity: 'low',
  why: 'The server guesses the rules that the client follows',
  sends: 'a list with MCP-Protocol-Version: 1999-01-01',
  fix: 'Answer 400; from revision 2026-07-28 on, add code -32022 and the supported versions',
  reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header; 2025-11-25 Transports',
  baseline: 'request',
  async run(probe, era) {
    const answer = await probe.post(baseOf(era), { headers: { 'mcp-protocol-version': '1999-01-01' } });
    const said = probe.describe(answer);
    if (answer.failure === 'timeout') return inconclusive(said);
    return (succeeded(answer) ? fail : pass)(said);
  },
};
