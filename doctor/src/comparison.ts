/** The failures of this run beside those of an earlier report, by the IDs of their checks. */
export interface Comparison {
  /** When the earlier run started. ISO 8601, UTC. */
  readonly startedAt: string;
  /** Failed now, and did not fail, or failed with a lower severity, before. */
  readonly new: readonly string[];
  /** Failed before and does not now. */
  readonly fixed: readonly string[];
  readonly unchanged: readonly string[];
  /** Failed before; this run could not tell, or did not run the check. */
  readonly undecided: readonly string[];
}
