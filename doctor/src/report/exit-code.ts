import type { Finding } from '../check.ts';
import type { Severity } from '../verdict.ts';

/** The lowest severity for which the exit code is not 0. */
export type FailOn = Severity | 'never';

export const FAIL_ON: readonly FailOn[] = ['low', 'medium', 'high', 'never'];

const OF_SEVERITY: Readonly<Record<Severity, number>> = { low: 1, medium: 2, high: 3 };
const LEAST: Readonly<Record<FailOn, number>> = { low: 1, medium: 2, high: 3, never: 4 };

/** A failure that the run is held responsible for: not ignored, and not in the baseline. */
export const isCounted = ({ ignored, baseline }: Finding): boolean =>
  ignored === undefined && baseline !== 'unchanged';

/**
 * 0 if every check passed or does not apply. Otherwise the highest severity that failed: 1 low, 2 medium, 3 high. An
 * inconclusive check counts as 1. Severities below `failOn` count as 0, but a run that decided less than half of its checks
 * is 1 in any case except `never`.
 */
export function exitCodeOf(findings: readonly Finding[], failOn: FailOn = 'low'): number {
  const codes = findings
    .filter(isCounted)
    .map(({ outcome, severity }) =>
      outcome === 'fail' ? OF_SEVERITY[severity] : outcome === 'inconclusive' ? 1 : 0,
    );
  const worst = Math.max(0, ...codes);
  if (worst >= LEAST[failOn]) return worst;
  const applying = findings.filter(({ outcome }) => outcome !== 'not applicable');
  const undecided = applying.filter(({ outcome }) => outcome === 'inconclusive').length;
  return failOn !== 'never' && undecided * 2 > applying.length ? 1 : 0;
}

/** As in BSD's sysexits.h. */
export const EXIT_USAGE = 64;
export const EXIT_UNREACHABLE = 69;
/** 128 and the number of SIGINT, as in shells. */
export const EXIT_INTERRUPTED = 130;
