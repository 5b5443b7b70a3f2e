import type { Probe } from './probe.ts';

export type Severity = 'low' | 'medium' | 'high';

export type Outcome = 'held' | 'failed' | 'not applicable' | 'could not tell';

export interface Verdict {
  readonly outcome: Outcome;
  /** What was seen, or the reason why nothing could be. From the server, so never shown uncleaned. */
  readonly evidence: string;
}

/** One attack, and what to do when it gets through. */
export interface Check {
  /** `group/name`; what reports and exceptions refer to, so it never changes. */
  readonly id: string;
  /** What is true when it holds. */
  readonly title: string;
  /** How bad it is when it does not. */
  readonly severity: Severity;
  readonly sends: string;
  readonly fix: string;
  /** Where the duty stands: RFC, section of the specification, or the practice's name. */
  readonly reference: string;
  run(probe: Probe): Promise<Verdict>;
}

export interface Finding extends Omit<Check, 'run'>, Verdict {
  readonly milliseconds: number;
}

export const held = (evidence: string): Verdict => ({ outcome: 'held', evidence });
export const failed = (evidence: string): Verdict => ({ outcome: 'failed', evidence });
export const notApplicable = (evidence: string): Verdict => ({ outcome: 'not applicable', evidence });
export const couldNotTell = (evidence: string): Verdict => ({ outcome: 'could not tell', evidence });

/** Thrown where a check cannot go on; says why. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.evidence);
    this.verdict = verdict;
  }
}

/** The first of several attempts that was not held decides: a failure before a doubt. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  for (const outcome of ['failed', 'could not tell'] as const) {
    const found = verdicts.filter((verdict) => verdict.outcome === outcome);
    if (found.length > 0) return { outcome, evidence: found.map(({ evidence }) => evidence).join('; ') };
  }
  const evidence = verdicts.map((verdict) => verdict.evidence).join('; ');
  return verdicts.some(({ outcome }) => outcome === 'held') ? held(evidence) : notApplicable(evidence);
}
