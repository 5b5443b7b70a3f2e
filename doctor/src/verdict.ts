export type Severity = 'low' | 'medium' | 'high';
export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'not applicable';

export interface Verdict {
  readonly outcome: Outcome;
  /** The observation, or why there is none. It quotes the server, so clean it before you print it. */
  readonly evidence: string;
  /** The severity of this failure. @default - the severity of the check */
  readonly severity?: Severity | undefined;
  /** A command that repeats the request of a failure. Set by the runner. */
  readonly repeat?: string | undefined;
}

export const pass = (evidence: string): Verdict => ({ outcome: 'pass', evidence });
export const fail = (evidence: string, severity?: Severity): Verdict => ({
  ...{ outcome: 'fail', evidence },
  ...(severity === undefined ? {} : { severity }),
});
export const inconclusive = (evidence: string): Verdict => ({ outcome: 'inconclusive', evidence });
export const notApplicable = (evidence: string): Verdict => ({ outcome: 'not applicable', evidence });

/** Thrown when a check cannot continue. Carries the verdict to report. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.evidence);
    this.verdict = verdict;
  }
}

const ORDER: readonly Severity[] = ['low', 'medium', 'high'];

/**
 * Joins the verdicts of several attempts: one failure fails them all, then one inconclusive attempt decides. The severity of
 * the failure is the highest of its attempts.
 */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const joined = (some: readonly Verdict[]) => [...new Set(some.map(({ evidence }) => evidence))].join('; ');
  const failures = verdicts.filter(({ outcome }) => outcome === 'fail');
  if (failures.length > 0) {
    const lowered = failures.every(({ severity }) => severity !== undefined);
    const levels = failures.map(({ severity }) => ORDER.indexOf(severity ?? 'high'));
    return fail(joined(failures), lowered ? ORDER[Math.max(...levels)] : undefined);
  }
  const doubts = verdicts.filter(({ outcome }) => outcome === 'inconclusive');
  if (doubts.length > 0) return inconclusive(joined(doubts));
  const passes = verdicts.filter(({ outcome }) => outcome === 'pass');
  return passes.length > 0 ? pass(joined(passes)) : notApplicable(joined(verdicts));
}
