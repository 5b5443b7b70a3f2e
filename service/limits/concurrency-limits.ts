import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency-limit.ts';

/** Bounds on the requests that are in memory at once. */
export interface Room {
  /** Slots for messages in progress: calls, other methods that may need much work, and large bodies that have arrived. */
  readonly maxConcurrent: number;
  /** Small bodies that are arriving, or whose message needs little work. A call that waits for a slot has none. */
  readonly smallBodies: number;
  /** Larger bodies, from their first byte until the response. */
  readonly largeBodies: number;
}

/** One limit for each kind of {@link Room}. */
export interface ConcurrencyLimits {
  readonly maxConcurrent: ConcurrencyLimit;
  readonly smallBodies: ConcurrencyLimit;
  readonly largeBodies: ConcurrencyLimit;
}

/** Largest body, in bytes, that is read and parsed before there is a slot for it. Calls have a few hundred bytes. */
export const SMALL_BODY = 16 * 1024;

/**
 * Heap to reserve for each byte of the largest body: JSON of empty objects becomes 25 times as large, and its garbage
 * stays for a while. A byte of a page takes a quarter. Measured with
 * test/service/scrape/faults/memory.faults.ts: with this value the
 * process uses at most 342 MiB of the smallest task (512 MiB).
 */
const HEAP_PER_BODY_BYTE = 112;
/** A request reserves at least as much heap as for a body of this size, in bytes. */
const SMALLEST_BODY = 64 * 1024;
/** One small body per this much heap: together they take a ninth of it. */
const HEAP_PER_SMALL_BODY = 16 * 1024 * 1024;
const LEAST_SMALL_BODIES = 16;
/**
 * Three clients each get a slot at once (`createConcurrencyLimit`), whatever the sizes. Four bodies of 4 MiB, the
 * largest possible, use 26 MiB of heap while they are parsed: each has at most 10,000 values (json-bounds.ts).
 */
const MIN_CONCURRENT = 4;
const LEAST_LARGE_BODIES = 4;

/**
 * Computes the bounds that the heap allows. Bytes of arriving bodies are not counted: they are outside the heap, and a
 * body takes twice its size there.
 *
 * @param heapBytes limit of the heap; half of a task's memory
 */
export function roomFor(
  heapBytes: number,
  { maxBodyBytes, maxPageBytes }: { readonly maxBodyBytes: number; readonly maxPageBytes: number },
): Room {
  const smallBodies = Math.max(LEAST_SMALL_BODIES, Math.floor(heapBytes / HEAP_PER_SMALL_BODY));
  const left = heapBytes / HEAP_PER_BODY_BYTE - smallBodies * SMALL_BODY;
  const slots = Math.floor(left / Math.max(maxBodyBytes, maxPageBytes / 4, SMALLEST_BODY));
  return {
    maxConcurrent: Math.max(MIN_CONCURRENT, slots),
    smallBodies,
    largeBodies: Math.max(LEAST_LARGE_BODIES, slots),
  };
}

/** @param waitMs maximum wait for each limit, in milliseconds. @default - that of `createConcurrencyLimit` */
export function createConcurrencyLimits(room: Room, waitMs?: number): ConcurrencyLimits {
  const limitOf = (max: number) =>
    createConcurrencyLimit({ max, ...(waitMs === undefined ? {} : { waitMs }) });
  return {
    maxConcurrent: limitOf(room.maxConcurrent),
    smallBodies: limitOf(room.smallBodies),
    largeBodies: limitOf(room.largeBodies),
  };
}
