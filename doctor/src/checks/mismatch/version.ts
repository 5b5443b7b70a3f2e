import type { Check } from '../../check.ts';
import { MISMATCH_FIX, refusesHeaders } from './refused-as.ts';

export const mismatchVersion: Check = {
  id: 'mismatch/version',
  title: 'A protocol version in the header that differs from the body is refused',
  fault: 'A protocol version in the header that differs from the body is accepted',
  severity: 'medium',
  why: 'A firewall applies the rules of one revision, and the server those of another',
  sends: 'a list of revision 2026-07-28 with MCP-Protocol-Version: 2025-11-25',
  fix: MISMATCH_FIX,
  reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header',
  baseline: 'modern request',
  run: (probe, era) => refusesHeaders(probe, era, { 'mcp-protocol-version': '2025-11-25' }),
};
