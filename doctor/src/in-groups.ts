import { ALL_CHECKS } from './all-checks.ts';
import type { Finding } from './check.ts';
import { GROUPS, groupOf } from './groups.ts';

/** Sorts findings by group. */
export function inGroups(findings: readonly Finding[]): readonly Finding[] {
  const order = ALL_CHECKS.map(({ id }) => id);
  const place = (finding: Finding) => GROUPS.indexOf(groupOf(finding)) * 1000 + order.indexOf(finding.id);
  return [...findings].sort((a, b) => place(a) - place(b));
}
