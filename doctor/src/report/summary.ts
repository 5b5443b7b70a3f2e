import type { Finding } from '../check.ts';
import type { ToolUse } from '../tool-calls.ts';
import type { Outcome } from '../verdict.ts';

export const OUTCOMES: readonly Outcome[] = ['pass', 'fail', 'inconclusive', 'not applicable'];

export function countOf(findings: readonly Finding[], outcome: Outcome): number {
  return findings.filter((finding) => finding.outcome === outcome).length;
}

/** For example `41 passed, 1 failed, 0 inconclusive, 8 not applicable`. */
export function summaryOf(findings: readonly Finding[]): string {
  const words: Readonly<Record<Outcome, string>> = {
    pass: 'passed',
    fail: 'failed',
    inconclusive: 'inconclusive',
    'not applicable': 'not applicable',
  };
  return OUTCOMES.map((outcome) => `${countOf(findings, outcome)} ${words[outcome]}`).join(', ');
}

/** One line per reason, for example `Tools not called: it does not declare readOnlyHint: true (reset_database)`. */
export function linesOnTools(tools: readonly ToolUse[]): readonly string[] {
  const reasons = [...new Set(tools.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const names = tools
      .filter((tool) => tool.reason === reason)
      .map(({ name, calls }) => (calls > 0 ? `${name} ${calls}×` : name));
    return `Tools ${reason} (${names.join(', ')})`;
  });
}
