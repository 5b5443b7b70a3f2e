import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Predecessor's hash in the first record of a process. */
export const GENESIS = '0'.repeat(64);

/** A longer key adds nothing to HMAC-SHA-256, a shorter one weakens it (RFC 2104 §3). */
export const MIN_AUDIT_KEY_BYTES = 32;

/** HMAC-SHA-256 of a record without its hash, in hex. */
export function hashOf(record: string, key: KeyObject): string {
  return createHmac('sha256', key).update(record).digest('hex');
}

/** The line of a record; the hash is its last member. */
export function withHash(record: string, hash: string): string {
  return `${record.slice(0, -1)},"hash":"${hash}"}`;
}

/** Checks audit records one by one, in the order in which they were written. */
export interface ChainCheck {
  /**
   * @returns the problem with this line, given the lines before it; undefined when it is valid, or not an audit record
   */
  add(line: string): string | undefined;
  /** Audit records checked so far. */
  readonly records: number;
  /** Chains that began before the first line. */
  readonly begun: number;
  /** Sequence number of the last record of each chain. */
  readonly ends: readonly number[];
}

export interface ChainCheckOptions {
  readonly key: KeyObject;
  /**
   * How many chains may start in the middle, as in an extract: at most as many as processes had begun before it,
   * because a gap in a chain looks the same. @default 0
   */
  readonly begun?: number;
}

const NOT_COMPLETE = 'this is not a complete record';
const RECORD = /^(\{"type":"audit",.*),"hash":"([0-9a-f]{64})"\}$/s;

/** An audit record that is as its task wrote it. */
export interface SignedRecord {
  readonly seq: number;
  /** Hash of the record before it, or `GENESIS`. */
  readonly prev: string;
  readonly hash: string;
}

/**
 * Verifies one line by itself.
 *
 * @returns the problem with it as a text; undefined when it is empty, or a log line that is not an audit record
 */
export function verifyRecord(line: string, key: KeyObject): SignedRecord | string | undefined {
  const [, start, hash = ''] = RECORD.exec(line) ?? [];
  if (start === undefined) return isOther(line) ? undefined : NOT_COMPLETE;
  const expected = hashOf(`${start}}`, key);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(hash))) {
    return 'this record was changed, or was signed with another key';
  }
  const { seq, prev } = JSON.parse(line) as { seq: number; prev: string };
  return { seq, prev, hash };
}

/** Records to remember, to tell a duplicate from a record whose predecessor is missing. */
const REMEMBERED = 10_000;

/**
 * Finds changed, removed, inserted and duplicated records. Each process writes its own chain; lines of several may be
 * mixed, as long as each chain keeps its order. It cannot detect that the last records of a chain are missing, because
 * nothing follows them. Its memory grows with the number of chains, not of records.
 */
export function createChainCheck({ key, begun: mayHaveBegun = 0 }: ChainCheckOptions): ChainCheck {
  /** Sequence number of the last record of each chain, by its hash. */
  const heads = new Map<string, number>();
  /** Hashes of the chains' first records: a duplicate of one has no predecessor that could be missing. */
  const starts = new Set<string>();
  /** Hashes of the latest records, oldest first. */
  const seen = new Set<string>();
  let records = 0;
  let begun = 0;

  function link(seq: number, prev: string, hash: string): string | undefined {
    if (seen.has(hash) || starts.has(hash)) return `record ${seq} is there twice`;
    const first = prev === GENESIS;
    const before = heads.get(prev);
    const anchored = first || before !== undefined || (begun < mayHaveBegun && !seen.has(prev));
    if (!first && before === undefined && anchored) begun += 1;
    if (first) starts.add(hash);
    heads.delete(prev);
    heads.set(hash, seq);
    remember(hash);
    if (!anchored && seen.has(prev)) return `record ${seq} has the same predecessor as another record`;
    if (!anchored) return `the record before ${seq} is missing${orDoubled(seq)}`;
    const expected = first ? 1 : before === undefined ? seq : before + 1;
    return seq === expected ? undefined : `record ${seq} is in the place of record ${expected}`;
  }

  function remember(hash: string): void {
    seen.add(hash);
    if (seen.size <= REMEMBERED) return;
    const [oldest = ''] = seen;
    seen.delete(oldest);
  }

  const orDoubled = (seq: number) => (records > REMEMBERED ? `, or record ${seq} is there twice` : '');

  return {
    get records() {
      return records;
    },
    get begun() {
      return begun;
    },
    get ends() {
      return [...heads.values()];
    },
    add(line) {
      const record = verifyRecord(line, key);
      if (record === undefined || record === NOT_COMPLETE) return record;
      records += 1;
      return typeof record === 'string' ? record : link(record.seq, record.prev, record.hash);
    },
  };
}

/** Whether a line is empty, or a log line of the service that is not an audit record. */
function isOther(line: string): boolean {
  return line.trim() === '' || line.startsWith('{"type":"log",');
}
