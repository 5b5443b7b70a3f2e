import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';

export const jsonRpcMemberCase: Check = {
  id: 'json-rpc/member-case',
  title: 'JSON member names are case-sensitive',
  fault: 'JSON member names in another case are accepted',
  severity: 'medium',
  why: 'The server runs a message in which a firewall sees no method',
  sends: 'a list with METHOD instead of method',
  fix: 'Compare member names exactly; otherwise the server runs a message that a firewall reads differently',
  frameworks: {
    Go: 'encoding/json ignores case: update the MCP SDK',
    '.NET': 'PropertyNameCaseInsensitive = false',
  },
  reference: 'RFC 8259 §8.3 (CVE-2026-27896)',
  baseline: 'request',
  async run(probe, era) {
    const { body, headers } = baseOf(era);
    const { method, ...rest } = body;
    const answer = await probe.send({ headers, body: JSON.stringify({ ...rest, METHOD: method }) });
    return unanswered(`METHOD: ${probe.describe(answer)}`, answer);
  },
};
