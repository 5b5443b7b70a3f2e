import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What the first record of a process names as its predecessor's hash. */
export const GENESIS = '0'.repeat(64);

/** HMAC-SHA-256 gains nothing from more and loses from less (RFC 2104 §3). */
export const MIN_AUDIT_KEY_BYTES = 32;

/** HMAC-SHA-256 of a record as it stands before its hash is put in, in hex. */
export function hashOf(record: string, key: KeyObject): string {
  return createHmac('sha256', key).update(record).digest('hex');
}

/** The line of a record: its hash is the last member. */
export function withHash(record: string, hash: string): string {
  return `${record.slice(0, -1)},"hash":"${hash}"}`;
}

/** Looks at audit records one by one, in the order in which they were written. */
export interface ChainCheck {
  /**
   * @returns what is wrong with this line, seen from those before it; nothing when it is sound, or no audit record
   */
  add(line: string): string | undefined;
  /** Audit records seen so far. */
  readonly records: number;
  /** Chains that began before the first line. */
  readonly begun: number;
  /** Number of the last record of each chain. */
  readonly ends: readonly number[];
}

export interface ChainCheckOptions {
  readonly key: KeyObject;
  /**
   * How many chains may begin in their midst, as they do in an extract: not more than processes had begun before it,
   * since a gap in a chain looks the same. @default 0
   */
  readonly begun?: number;
}

const RECORD = /^(\{"type":"audit",.*),"hash":"([0-9a-f]{64})"\}$/s;
/** Records that are remembered, to tell one that is doubled from one whose predecessor is missing. */
const REMEMBERED = 10_000;

/**
 * Finds records that were changed, taken away, put in or doubled. Each process writes a chain of its own; lines of
 * several may be mixed, as long as each keeps its order. What it cannot see is that the last records of a chain are
 * missing: nothing follows them. What it keeps grows with the chains, not with the records.
 */
export function createChainCheck({ key, begun: mayHaveBegun = 0 }: ChainCheckOptions): ChainCheck {
  /** Number of the last record of each chain, by its hash. */
  const heads = new Map<string, number>();
  /** Hashes of the chains' first records, which have no predecessor that could be missing when they are doubled. */
  const starts = new Set<string>();
  /** Hashes of the latest records, the oldest first. */
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
    if (!anchored && seen.has(prev)) return `record ${seq} follows one that another record follows already`;
    if (!anchored) return `the record before ${seq} is missing${orDoubled(seq)}`;
    const expected = first ? 1 : before === undefined ? seq : before + 1;
    return seq === expected ? undefined : `record ${seq} stands where ${expected} belongs`;
  }

  function remember(hash: string): void {
    seen.add(hash);
    if (seen.size <= REMEMBERED) return;
    const [oldest = ''] = seen;
    seen.delete(oldest);
  }

  const orDoubled = (seq: number) => (records > REMEMBERED ? `, or ${seq} is there twice` : '');

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
      const [, start, hash = ''] = RECORD.exec(line) ?? [];
      if (start === undefined) return isOther(line) ? undefined : 'this is no whole record';
      records += 1;
      const expected = hashOf(`${start}}`, key);
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(hash))) {
        return 'this record was changed, or is written with another key';
      }
      const { seq, prev } = JSON.parse(line) as { seq: number; prev: string };
      return link(seq, prev, hash);
    },
  };
}

/** Whether a line is one of the service's that is no audit record, or empty. */
function isOther(line: string): boolean {
  return line.trim() === '' || line.startsWith('{"type":"log",');
}
