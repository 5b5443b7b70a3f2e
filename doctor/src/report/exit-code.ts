import type { Finding } from '../check.ts';
import type { Severity } from '../verdict.ts';

const OF_SEVERITY: Readonly<Record<Severity, number>> = { low: 1, medium: 2, high: 3 };

/**
 * 0 if every check passed or does not apply. Otherwise the highest severity that failed: 1 low, 2 medium, 3 high. An
 * inconclusive check counts as 1.
 */
export function exitCodeOf(findings: readonly Finding[]): number {
  const codes = findings.map(({ outcome, severity }) =>
    outcome === 'fail' ? OF_SEVERITY[severity] : outcome === 'inconclusive' ? 1 : 0,
  );
  return Math.max(0, ...codes);
}

/** As in BSD's sysexits.h. */
export const EXIT_USAGE = 64;
export const EXIT_UNREACHABLE = 69;
/** 128 and the number of SIGINT, as in shells. */
export const EXIT_INTERRUPTED = 130;
