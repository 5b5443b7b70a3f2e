import { GENESIS, type SignedRecord } from '../../service/logging/audit-chain.ts';

/** Consecutive records of a task: the first with its predecessor's hash, and the last with its own. */
export interface Run {
  readonly first: number;
  readonly prev: string;
  readonly last: number;
  readonly hash: string;
}

/** Runs of one task that are kept; more than these are as many gaps. */
const MAX_RUNS = 1000;

/**
 * The records of one task, in any order: their sequence numbers are signed and define the order. The log's timestamps do
 * not, because many records share one. A run of records takes the memory of one, so a whole chain does, and a duplicate
 * is recognized however far back its original is.
 */
export class Runs {
  /** By number. */
  readonly #runs: Run[] = [];

  get all(): readonly Run[] {
    return this.#runs;
  }

  /** @returns the problem with this record, given the others; undefined when it fits, or is not next to any of them */
  add({ seq, prev, hash }: SignedRecord): string | undefined {
    return this.addRun({ first: seq, prev, last: seq, hash });
  }

  /** The same for a run of another part of the log. */
  addRun(run: Run): string | undefined {
    const { first, prev, last, hash } = run;
    const next = this.#indexAfter(first);
    const before = this.#runs[next - 1];
    const after = this.#runs[next];
    if (before !== undefined && first <= before.last) return `record ${first} is there twice`;
    if (after !== undefined && last >= after.first) return `record ${after.first} is there twice`;
    if (first === 1 && prev !== GENESIS) return 'record 1 has a record before it';
    if (first > 1 && prev === GENESIS) return `record ${first} has none before it`;
    const follows = before?.last === first - 1;
    const precedes = after?.first === last + 1;
    if (follows && before.hash !== prev) return `record ${first} does not follow record ${first - 1}`;
    if (precedes && after.prev !== hash) return `record ${after.first} does not follow record ${last}`;
    const from = follows ? next - 1 : next;
    const joined = {
      first: follows ? before.first : first,
      prev: follows ? before.prev : prev,
      last: precedes ? after.last : last,
      hash: precedes ? after.hash : hash,
    };
    const replaced = Number(follows) + Number(precedes);
    if (replaced === 0 && this.#runs.length >= MAX_RUNS)
      return `there are more than ${MAX_RUNS} gaps before record ${first}`;
    if (replaced === 1) this.#runs[from] = joined;
    else this.#runs.splice(from, replaced, joined);
    return undefined;
  }

  /** Index of the first run that begins after a number. */
  #indexAfter(seq: number): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle]?.first ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
