import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';

export const hostForeign: Check = {
  id: 'host/foreign',
  title: 'A request for another host is refused',
  fault: 'A request for another host is answered',
  severity: 'high',
  why: 'With DNS rebinding, a page in the browser of a user reads and calls a server on its machine or network',
  sends: 'a list with Host: attacker.example',
  fix: 'Answer 403 or 421 if Host is not a name of this server; otherwise DNS rebinding can reach it',
  frameworks: {
    'TypeScript SDK': 'createMcpExpressApp({ allowedHosts: […] })',
    'FastMCP (Python)': 'TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=[…])',
    nginx: 'a default_server block with return 421;',
  },
  reference: 'RFC 9110 §7.4; MCP 2026-07-28 Security Best Practices, DNS rebinding',
  baseline: 'request',
  async run(probe, era) {
    const answer = await probe.askBase(era, { headers: { host: 'attacker.example' } });
    const verdict = unanswered(`host: attacker.example: ${probe.describe(answer)}`, answer);
    // The page does not know the token, and the browser finds no valid certificate for the page's name.
    const isOutOfReach = probe.known.isProtected || probe.target.secure;
    return verdict.outcome === 'fail' && isOutOfReach ? { ...verdict, severity: 'low' } : verdict;
  },
};
