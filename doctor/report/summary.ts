import type { Finding, Outcome } from '../check.ts';
import type { ToolUse } from '../tool-calls.ts';

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

/** One line for each reason, such as `Tools not called: it does not declare readOnlyHint: true (reset_database)`. */
export function linesOnTools(tools: readonly ToolUse[]): readonly string[] {
  const reasons = [...new Set(tools.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const names = tools
      .filter((tool) => tool.reason === reason)
      .map(({ name, calls }) => (calls > 0 ? `${name} ${calls}×` : name));
    return `Tools ${reason} (${names.join(', ')})`;
  });
}
