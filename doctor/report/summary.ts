import type { Finding, Outcome } from '../check.ts';

export const OUTCOMES: readonly Outcome[] = ['held', 'failed', 'could not tell', 'not applicable'];

export function countOf(findings: readonly Finding[], outcome: Outcome): number {
  return findings.filter((finding) => finding.outcome === outcome).length;
}

/** Such as `41 held, 1 failed, 0 could not be told, 8 not applicable`. */
export function summaryOf(findings: readonly Finding[]): string {
  const words: Readonly<Record<Outcome, string>> = {
    held: 'held',
    failed: 'failed',
    'could not tell': 'could not be told',
    'not applicable': 'not applicable',
  };
  return OUTCOMES.map((outcome) => `${countOf(findings, outcome)} ${words[outcome]}`).join(', ');
}
