import type { Check } from '../../check.ts';
import { MISMATCH_FIX, MISMATCH_REFERENCE, MISMATCH_WHY, refusesHeaders } from './refused-as.ts';

export const mismatchMissing: Check = {
  id: 'mismatch/missing',
  title: 'A request without Mcp-Method is refused',
  fault: 'A request without Mcp-Method is accepted',
  severity: 'medium',
  why: MISMATCH_WHY,
  sends: 'a list of revision 2026-07-28 without Mcp-Method',
  fix: MISMATCH_FIX,
  reference: MISMATCH_REFERENCE,
  baseline: 'modern request',
  run: (probe, era) => refusesHeaders(probe, era, { 'mcp-method': undefined }),
};
