/** The clock of a run. */
export interface Time {
  /** Wall clock in epoch milliseconds. */
  now(): number;
  pause(ms: number): Promise<void>;
}

export interface Patience {
  /** Time between two attempts, in milliseconds. */
  readonly everyMs: number;
  /** Time after which the last attempt counts, in milliseconds. */
  readonly forMs: number;
}

/** Repeats an attempt until its result is `done`. @returns the last result, also when time ran out */
export async function repeat<Result>(
  time: Time,
  { everyMs, forMs }: Patience,
  attempt: () => Promise<Result>,
  done: (verdict: Result) => boolean,
): Promise<Result> {
  const end = time.now() + forMs;
  for (;;) {
    const result = await attempt();
    if (done(result) || time.now() + everyMs > end) return result;
    await time.pause(everyMs);
  }
}
