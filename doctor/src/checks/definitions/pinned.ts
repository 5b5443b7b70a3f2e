import type { Check } from '../../check.ts';
import { describeDrift, driftOf, pinOf } from '../../pin.ts';
import { fail } from '../../verdict.ts';
import { passWhole } from './texts.ts';

export const definitionsPinned: Check = {
  id: 'definitions/pinned',
  title: 'The definitions are those of the pin file',
  fault: 'The definitions differ from those of the pin file',
  severity: 'high',
  why: 'The texts that a reviewer approved are no longer those that the model reads',
  sends: 'nothing; compares the lists with the file of --check-pin',
  fix: 'Review the definitions that changed, and pin them again with --pin',
  reference: 'OWASP MCP Top 10, Rug Pull; CoSAI MCP, pinned definitions',
  option: ['pin', 'needs --check-pin FILE'],
  baseline: 'access',
  async run(probe) {
    const { known, options, clean } = probe;
    const now = pinOf(known, clean);
    const drift = driftOf(options.pin ?? now, now);
    const said = describeDrift(drift);
    if (said === '')
      return passWhole(probe, `${Object.keys(now.definitions).length} definitions are the same`);
    return drift.changed.length + drift.added.length > 0 ? fail(said) : fail(said, 'low');
  },
};
