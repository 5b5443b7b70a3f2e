import type { Finding } from '../check.ts';
import type { Severity } from '../verdict.ts';

const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/** The failures that are not ignored, the most serious first. */
export function failuresIn(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .filter(({ outcome, ignored }) => outcome === 'fail' && ignored === undefined)
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** The findings of each reason, for example of an option that is missing, in the order of the first of each. */
export function byReason(findings: readonly Finding[]): readonly (readonly [string, readonly Finding[]])[] {
  const reasons = [...new Set(findings.map(({ evidence }) => evidence))];
  return reasons.map((reason) => [reason, findings.filter(({ evidence }) => evidence === reason)] as const);
}
