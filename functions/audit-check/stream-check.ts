import type { KeyObject } from 'node:crypto';
import { verifyRecord } from '../../service/logging/audit-chain.ts';
import { type Run, Runs } from './runs.ts';

/** The first problem of a stream, without the content of its records. */
export interface Breakage {
  /** Sequence number of the record; absent if the line has none. */
  readonly seq?: number;
  readonly problem: string;
}

/** Checks the records of one part of the log, of all tasks, as they are read. Keeps a few numbers and hashes a task. */
export class PartCheck {
  readonly #key: KeyObject;
  /** Runs of consecutive records by log stream. */
  readonly runs = new Map<string, Runs>();
  /** The first problem of each stream that has one. */
  readonly broken = new Map<string, Breakage>();
  records = 0;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** Takes lines of a stream in any order. */
  add(stream: string, line: string): void {
    const record = verifyRecord(line, this.#key);
    if (record === undefined) return;
    this.records += 1;
    const runs = this.runs.get(stream) ?? new Runs();
    this.runs.set(stream, runs);
    const problem = typeof record === 'string' ? record : runs.add(record);
    if (problem === undefined) return;
    const seq = typeof record === 'string' ? numberOf(line) : record.seq;
    noteFirst(this.broken, stream, { ...(seq !== undefined && { seq }), problem });
  }
}

/** The state of all streams after some parts of the log, in order of time and without a gap between the parts. */
export interface Joined {
  readonly broken: ReadonlyMap<string, Breakage>;
  /** The first record of each sound stream that has earlier ones, which only the log before shows. */
  readonly begunBefore: ReadonlyMap<string, Run>;
  readonly streams: number;
}

/** Joins parts of the log: the last record of a task in one is the predecessor of its first in the next. */
export function join(parts: readonly PartCheck[], broken: Map<string, Breakage>): Joined {
  const joined = new Map<string, Runs>();
  for (const { runs } of parts) {
    for (const [stream, ofPart] of runs) {
      const all = joined.get(stream) ?? new Runs();
      joined.set(stream, all);
      for (const run of ofPart.all) {
        const problem = all.addRun(run);
        if (problem !== undefined && !broken.has(stream)) broken.set(stream, { seq: run.first, problem });
      }
    }
  }
  const begunBefore = new Map<string, Run>();
  for (const [stream, { all }] of joined) {
    const [first, second] = all;
    if (broken.has(stream) || first === undefined) continue;
    if (second)
      broken.set(stream, { seq: second.first, problem: `the record before ${second.first} is missing` });
    else if (first.first > 1) begunBefore.set(stream, first);
  }
  return { broken, begunBefore, streams: joined.size };
}

/** Keeps the problem with the lowest number of each stream; one without a number counts as the lowest. */
export function noteFirst(broken: Map<string, Breakage>, stream: string, found: Breakage): void {
  const known = broken.get(stream);
  if (known === undefined || (found.seq ?? 0) < (known.seq ?? 0)) broken.set(stream, found);
}

function numberOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { seq?: unknown };
    return Number.isSafeInteger(seq) ? (seq as number) : undefined;
  } catch {
    // Truncated; the problem says so. The parser's message would quote the line.
    return undefined;
  }
}
