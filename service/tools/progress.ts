/**
 * Reports the progress of a call.
 *
 * @param done must increase from report to report; other reports are dropped
 * @param total the final value of `done`, if it is known
 * @param message for a person; never untrusted text, because a client may show it as ours
 */
export type ReportProgress = (done: number, total?: number, message?: string) => void;

export interface ProgressReporter {
  readonly report: ReportProgress;
  /** Ends reporting. Resolves when earlier reports are on their way. */
  end(): Promise<void>;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** Maximum reports of one call per second; others are dropped (MCP 2026-07-28, progress: SHOULD be limited). */
const MAX_PER_SECOND = 20;

/**
 * The reporter of one call: increasing values only, limited in rate, silent after the end.
 *
 * @param send absent if the client did not ask for progress; reports then do nothing
 * @param now monotonic milliseconds
 */
export function createProgressReporter(
  send: ((progress: Progress) => Promise<void>) | undefined,
  now: () => number,
): ProgressReporter {
  const pending: Promise<void>[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let sent: number[] = [];
  let ended = send === undefined;
  return {
    report(done, total, message) {
      if (ended || !Number.isFinite(done) || done <= last) return;
      const time = now();
      sent = sent.filter((earlier) => time - earlier < 1000);
      if (sent.length >= MAX_PER_SECOND) return;
      last = done;
      sent.push(time);
      const progress = {
        progress: done,
        ...(total === undefined ? {} : { total }),
        ...(message === undefined ? {} : { message }),
      };
      // A disconnected client gets nothing, and its signal ends the call.
      pending.push(send?.(progress).catch(() => {}) ?? Promise.resolve());
    },
    async end() {
      ended = true;
      await Promise.all(pending);
    },
  };
}
