import type { Check } from '../check.ts';
import { needAccess, needModern, type Probe } from '../probe.ts';
import { NO_SUCH_TOOL } from '../tool-calls.ts';
import { fail, pass, type Verdict } from '../verdict.ts';

const HEADER_MISMATCH = -32_020;
const REFERENCE = 'MCP 2026-07-28 Streamable HTTP, Standard Headers, Server Validation';
const FIX =
  'Answer 400 with code -32020; otherwise a firewall decides by the header and the server acts on the body';

/** Passes if the server refuses the request with HTTP 400 and one of these codes. */
async function refusedAs(
  probe: Probe,
  codes: readonly number[],
  method: string,
  params: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Verdict> {
  needAccess(probe);
  needModern(probe);
  const answer = await probe.ask(method, params, { headers });
  const right =
    answer.status === 400 && answer.messages.some(({ error }) => codes.includes(Number(error?.code)));
  return (right ? pass : fail)(probe.describe(answer));
}

export const MISMATCH_CHECKS: readonly Check[] = [
  {
    id: 'mismatch/method',
    title: 'An Mcp-Method that differs from the method in the body is refused',
    severity: 'high',
    sends: 'tools/list with Mcp-Method: server/discover',
    fix: FIX,
    reference: REFERENCE,
    run: (probe) =>
      refusedAs(probe, [HEADER_MISMATCH], 'tools/list', {}, { 'mcp-method': 'server/discover' }),
  },
  {
    id: 'mismatch/name',
    title: 'An Mcp-Name that differs from the tool in the body is refused',
    severity: 'high',
    sends: 'tools/call for a tool that does not exist, with another name in Mcp-Name',
    fix: FIX,
    reference: REFERENCE,
    run: (probe) =>
      refusedAs(
        probe,
        [HEADER_MISMATCH],
        'tools/call',
        { name: NO_SUCH_TOOL, arguments: {} },
        { 'mcp-name': 'doctor_other' },
      ),
  },
  {
    id: 'mismatch/missing',
    title: 'A request without Mcp-Method is refused',
    severity: 'medium',
    sends: 'tools/list of revision 2026-07-28 without Mcp-Method',
    fix: FIX,
    reference: REFERENCE,
    run: (probe) => refusedAs(probe, [HEADER_MISMATCH], 'tools/list', {}, { 'mcp-method': undefined }),
  },
  {
    id: 'mismatch/version',
    title: 'A protocol version in the header that differs from the body is refused',
    severity: 'medium',
    sends: 'tools/list of revision 2026-07-28 with MCP-Protocol-Version: 2025-11-25',
    fix: FIX,
    reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header',
    run: (probe) =>
      refusedAs(probe, [HEADER_MISMATCH], 'tools/list', {}, { 'mcp-protocol-version': '2025-11-25' }),
  },
];
