import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';
import { askRaw, describeRaw, isAnswered } from '../raw-base.ts';

export const hostAmbiguous: Check = {
  id: 'host/ambiguous',
  title: 'A request with two Host fields is refused',
  fault: 'A request with two Host fields is answered',
  severity: 'medium',
  why: 'A firewall decides by one name and the server acts on the other',
  sends: 'a list with one Host field and with two, as raw bytes',
  fix: 'Answer 400 to a request with more than one Host field',
  frameworks: { 'Node.js': 'count the Host fields in request.rawHeaders; requireHostHeader does not' },
  reference: 'RFC 9112 §3.2',
  baseline: 'request',
  async run(probe, era) {
    const own = probe.target.url.host;
    const once = await askRaw(probe, era);
    if (!isAnswered(once)) return inconclusive(`one Host field as raw bytes: ${describeRaw(once)}`);
    const twice = await askRaw(probe, era, { hosts: [own, 'attacker.example'] });
    if (twice.silent) return inconclusive(describeRaw(twice));
    if (!isAnswered(twice)) return pass(describeRaw(twice));
    return probe.known.isProtected ? fail(describeRaw(twice), 'low') : fail(describeRaw(twice));
  },
};
