import type { Check } from '../../check.ts';
import { MISMATCH_FIX, MISMATCH_REFERENCE, MISMATCH_WHY, refusesHeaders } from './refused-as.ts';

export const mismatchMethod: Check = {
  id: 'mismatch/method',
  title: 'An Mcp-Method that differs from the method in the body is refused',
  fault: 'An Mcp-Method that differs from the method in the body is accepted',
  severity: 'high',
  why: MISMATCH_WHY,
  sends: 'a list with the Mcp-Method of another request',
  fix: MISMATCH_FIX,
  reference: MISMATCH_REFERENCE,
  baseline: 'modern request',
  run: (probe, era) =>
    refusesHeaders(probe, era, {
      'mcp-method': era.base === 'server/discover' ? 'tools/list' : 'server/discover',
    }),
};
