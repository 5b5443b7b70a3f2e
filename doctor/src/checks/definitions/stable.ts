import type { Check } from '../../check.ts';
import { describeDrift, driftOf, pinOf } from '../../pin.ts';
import { fail, inconclusive } from '../../verdict.ts';
import { passWhole } from './texts.ts';

export const definitionsStable: Check = {
  id: 'definitions/stable',
  title: 'The definitions of tools and prompts do not change during the run',
  fault: 'The definitions of tools or prompts change while they are in use (rug pull)',
  severity: 'high',
  why: 'A user approves one text, and the model reads another',
  sends: 'every list again',
  fix: 'Change definitions only with a new version of the server',
  reference: 'OWASP MCP Top 10, Rug Pull; MCP 2026-07-28 Tools, Listing tools',
  baseline: 'request',
  async run(probe, era) {
    const first = probe.known.byEra.get(era.name);
    const second = (await probe.relist()).get(era.name);
    if (first === undefined || second === undefined) return inconclusive('the server answers no list');
    const before = pinOf({ ...first, instructions: [] }, probe.clean);
    const drift = driftOf(before, pinOf({ ...second, instructions: [] }, probe.clean));
    const said = describeDrift(drift);
    if (drift.changed.length > 0) return fail(said);
    return drift.added.length + drift.removed.length > 0
      ? fail(said, 'low')
      : passWhole(probe, `${Object.keys(before.definitions).length} definitions are the same`);
  },
};
