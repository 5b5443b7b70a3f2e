import type { Probe } from './probe.ts';
import type { Verdict } from './verdict.ts';

export type Severity = 'low' | 'medium' | 'high';

/** One attack, and the fix for a server that it succeeds against. */
export interface Check {
  /** `group/name`. Never changes: reports and suppressions refer to it. */
  readonly id: string;
  /** The statement that is true when the check passes. */
  readonly title: string;
  /** How serious a failure is. */
  readonly severity: Severity;
  /** The requests that the check sends. */
  readonly sends: string;
  readonly fix: string;
  /** Source of the requirement: an RFC, a section of the specification or the name of a practice. */
  readonly reference: string;
  run(probe: Probe): Promise<Verdict>;
}

export interface Finding extends Omit<Check, 'run'>, Verdict {
  readonly milliseconds: number;
}
