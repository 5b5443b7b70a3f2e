import type { Finding } from '../check.ts';
import type { Comparison } from '../comparison.ts';
import type { ToolUse } from '../tool-calls.ts';
import type { Outcome } from '../verdict.ts';
import { failuresIn } from './sort.ts';

export const OUTCOMES: readonly Outcome[] = ['pass', 'fail', 'inconclusive', 'not applicable'];

/** Findings with this outcome that are not ignored. */
export function countOf(findings: readonly Finding[], outcome: Outcome): number {
  return findings.filter((finding) => finding.outcome === outcome && finding.ignored === undefined).length;
}

/** For example `41 passed, 3 failed (1 high, 2 low), 0 inconclusive, 8 not applicable`. */
export function summaryOf(findings: readonly Finding[]): string {
  const levels = (['high', 'medium', 'low'] as const).flatMap((level) => {
    const count = failuresIn(findings).filter(({ severity }) => severity === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const ignored = findings.filter((finding) => finding.ignored !== undefined).length;
  const words: Readonly<Record<Outcome, string>> = {
    pass: 'passed',
    fail: levels.length === 0 ? 'failed' : `failed (${levels.join(', ')})`,
    inconclusive: 'inconclusive',
    'not applicable': 'not applicable',
  };
  const counts = OUTCOMES.map((outcome) => `${countOf(findings, outcome)} ${words[outcome]}`);
  return [...counts, ...(ignored === 0 ? [] : [`${ignored} ignored`])].join(', ');
}

/** For example `Since 2026-11-30T10:00:00.000Z: 1 new (origin/cors), 0 fixed, 3 unchanged (…)`. */
export function linesOnComparison(comparison: Comparison | undefined): readonly string[] {
  if (comparison === undefined) return [];
  const { startedAt, ...lists } = comparison;
  const parts = Object.entries(lists as Readonly<Record<string, readonly string[]>>).map(
    ([name, ids]) => `${ids.length} ${name}${ids.length === 0 ? '' : ` (${ids.join(', ')})`}`,
  );
  return [`Since ${startedAt}: ${parts.join(', ')}.`];
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
