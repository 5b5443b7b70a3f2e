import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

export const erasCurrent: Check = {
  id: 'eras/current',
  title: 'The server supports the current revision, 2026-07-28',
  fault: 'The server does not support the current revision, 2026-07-28',
  severity: 'low',
  why: 'Only this revision binds the headers that firewalls read to the body, and needs no sessions',
  sends: 'server/discover and initialize',
  fix: 'Support revision 2026-07-28 in addition to the older ones; it is stateless and binds headers to bodies',
  frameworks: {
    'TypeScript SDK': 'createMcpHandler of @modelcontextprotocol/server 2',
    'mcp-handler': 'version 2 or later',
  },
  reference: 'MCP 2026-07-28 Versioning; server/discover',
  baseline: 'access',
  async run({ known: { modern, legacy, eras } }) {
    const old = legacy === undefined ? 'no handshake' : `handshake ${legacy}`;
    if (modern !== undefined) return pass(`${modern.join(', ')}; ${old}`);
    if (eras.some(({ isModern }) => isModern)) return inconclusive(`server/discover is denied; ${old}`);
    return fail(`not supported; ${old}`);
  },
};
