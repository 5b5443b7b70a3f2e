import type { Check } from '../../check.ts';
import { refusesOrigins } from './foreign.ts';

export const originLookalike: Check = {
  id: 'origin/lookalike',
  title: 'An origin that resembles the server’s own is refused',
  fault: 'An origin that resembles the server’s own is accepted',
  severity: 'high',
  why: 'An attacker registers a name that fits the pattern, and its pages call the server',
  sends: 'a list with origins that contain this host name at the start or at the end',
  fix: 'Compare the whole origin, not a prefix, suffix or pattern',
  frameworks: { Express: 'new Set(["https://app.example.com"]).has(request.get("origin"))' },
  reference: 'RFC 6454 §5',
  baseline: 'request',
  run: (probe, era) => {
    // An IP address has no subdomains, but a pattern that is too wide would match these too.
    const name = probe.target.url.hostname.replace(/[[\]:]/g, '');
    return refusesOrigins(probe, era, [`https://${name}.attacker.example`, `https://attacker-${name}`]);
  },
};
