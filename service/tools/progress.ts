/**
 * Reports how far the work of a call is.
 *
 * @param done must grow from report to report; what does not is left out
 * @param total the value of `done` at the end, where it is known
 * @param message for a person; never untrusted text, since a client may show it as ours
 */
export type ReportProgress = (done: number, total?: number, message?: string) => void;

export interface ProgressReporter {
  readonly report: ReportProgress;
  /** Nothing is reported after this. Resolves when what was reported is on its way. */
  end(): Promise<void>;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** Reports of one call in any second; what is above is left out (MCP 2026-07-28, progress: SHOULD be limited). */
const MAX_PER_SECOND = 20;

/**
 * The reporter of one call: growing values only, limited in rate, silent after the end.
 *
 * @param send absent where the client did not ask for progress, and nothing is reported then
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
      // A client that has gone learns nothing, and the call ends by its signal.
      pending.push(send?.(progress).catch(() => {}) ?? Promise.resolve());
    },
    async end() {
      ended = true;
      await Promise.all(pending);
    },
  };
}
