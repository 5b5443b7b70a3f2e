import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { TargetError } from '../target-error.ts';
import type { Severity } from '../verdict.ts';

/** The part of the earlier report that a comparison reads. */
export type Earlier = Pick<Report, 'url' | 'startedAt'> & {
  readonly findings: readonly Pick<Finding, 'id' | 'outcome' | 'severity'>[];
};

const LEVELS: readonly Severity[] = ['low', 'medium', 'high'];

/** @throws TargetError if the text is no JSON report of version 1 */
export function parseBaseline(text: string, file: string): Earlier {
  try {
    const report = JSON.parse(text) as Earlier & { version?: unknown };
    const isFinding = ({ id, outcome, severity }: Earlier['findings'][number]) =>
      typeof id === 'string' && typeof outcome === 'string' && LEVELS.includes(severity);
    const isReport =
      report.version === 1 && typeof report.url === 'string' && typeof report.startedAt === 'string';
    if (isReport && Array.isArray(report.findings) && report.findings.every(isFinding)) return report;
  } catch {
    // Reported below.
  }
  throw new TargetError('usage', `${file} is no JSON report of version 1`);
}

/** Adds the comparison, and marks each failure as new or unchanged. */
export function compareWith(report: Report, earlier: Earlier): Report {
  const before = new Map(earlier.findings.map((finding) => [finding.id, finding] as const));
  const stateOf = ({ id, outcome, severity }: Finding): Finding['baseline'] => {
    const old = before.get(id);
    const isSame = old?.outcome === outcome;
    if (outcome === 'inconclusive') return isSame ? 'unchanged' : 'new';
    if (outcome !== 'fail') return undefined;
    return isSame && LEVELS.indexOf(old.severity) >= LEVELS.indexOf(severity) ? 'unchanged' : 'new';
  };
  const findings = report.findings.map((finding) => {
    const baseline = stateOf(finding);
    return baseline === undefined ? finding : { ...finding, baseline };
  });
  const failed = (state: Finding['baseline']) =>
    findings.filter(({ outcome, baseline }) => outcome === 'fail' && baseline === state).map(({ id }) => id);
  const now = new Map(findings.map(({ id, outcome }) => [id, outcome] as const));
  const gone = earlier.findings.filter(({ id, outcome }) => outcome === 'fail' && now.get(id) !== 'fail');
  const isFixed = ({ id }: { readonly id: string }) =>
    now.get(id) === 'pass' || now.get(id) === 'not applicable';
  const notes =
    earlier.url === report.url
      ? []
      : [`The baseline is a report on another URL: ${earlier.url.slice(0, 200)}`];
  return {
    ...report,
    findings,
    notes: [...report.notes, ...notes],
    comparison: {
      startedAt: earlier.startedAt,
      ...{ new: failed('new'), unchanged: failed('unchanged') },
      fixed: gone.filter(isFixed).map(({ id }) => id),
      undecided: gone.filter((finding) => !isFixed(finding)).map(({ id }) => id),
    },
  };
}
