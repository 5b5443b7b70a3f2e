export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'not applicable';

export interface Verdict {
  readonly outcome: Outcome;
  /** The observation, or why there is none. It quotes the server, so clean it before you print it. */
  readonly evidence: string;
}

export const pass = (evidence: string): Verdict => ({ outcome: 'pass', evidence });
export const fail = (evidence: string): Verdict => ({ outcome: 'fail', evidence });
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

/** Joins the verdicts of several attempts: one failure fails them all, then one inconclusive attempt decides. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  for (const outcome of ['fail', 'inconclusive'] as const) {
    const found = verdicts.filter((verdict) => verdict.outcome === outcome);
    if (found.length > 0) return { outcome, evidence: found.map(({ evidence }) => evidence).join('; ') };
  }
  const evidence = verdicts.map((verdict) => verdict.evidence).join('; ');
  return verdicts.some(({ outcome }) => outcome === 'pass') ? pass(evidence) : notApplicable(evidence);
}
