import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency-limit.ts';

/** How much may be in memory at once. */
export interface Room {
  /** Messages that are worked on: calls, whatever is not known to be little work, and every large body once it is here. */
  readonly places: number;
  /** Small bodies that arrive or ask for as little as a list. A call that waits for a place has none. */
  readonly smallBodies: number;
  /** Larger bodies, from their first byte until they are answered. */
  readonly largeBodies: number;
}

/** One limit for each kind of {@link Room}. */
export interface ConcurrencyLimits {
  readonly places: ConcurrencyLimit;
  readonly smallBodies: ConcurrencyLimit;
  readonly largeBodies: ConcurrencyLimit;
}

/** Largest body, in bytes, that is read and parsed before there is a place for it. Calls have some hundred. */
export const SMALL_BODY = 16 * 1024;

/**
 * Heap for each byte that a body may have: JSON of nothing but empty objects becomes 25 times as large, and what of it is
 * thrown away stays for a while. A byte of a page takes a quarter. Measured with test/faults/memory.faults.ts: with
 * this the process holds 342 MiB of the smallest task (512 MiB) at most.
 */
const HEAP_PER_BODY_BYTE = 112;
/** However small bodies and pages must be, a request takes what one of this size does. */
const SMALLEST_BODY = 64 * 1024;
/** One small body for this much heap: together they take a ninth of it. */
const HEAP_PER_SMALL_BODY = 16 * 1024 * 1024;
const LEAST_SMALL_BODIES = 16;
/**
 * So that three clients each get one at once (`createConcurrencyLimit`), whatever the sizes. Four bodies of 4 MiB, the
 * largest there are, hold 26 MiB of heap while they are parsed: they have 10,000 values at most (json-bounds.ts).
 */
const LEAST_PLACES = 4;
const LEAST_LARGE_BODIES = 4;

/**
 * What there is memory for. The bytes of bodies that arrive are not counted: they are none of the heap, and a body
 * takes twice its size of them.
 *
 * @param heapBytes limit of the heap; half of a task's memory
 */
export function roomFor(
  heapBytes: number,
  { maxBodyBytes, maxPageBytes }: { readonly maxBodyBytes: number; readonly maxPageBytes: number },
): Room {
  const smallBodies = Math.max(LEAST_SMALL_BODIES, Math.floor(heapBytes / HEAP_PER_SMALL_BODY));
  const left = heapBytes / HEAP_PER_BODY_BYTE - smallBodies * SMALL_BODY;
  const places = Math.floor(left / Math.max(maxBodyBytes, maxPageBytes / 4, SMALLEST_BODY));
  return {
    places: Math.max(LEAST_PLACES, places),
    smallBodies,
    largeBodies: Math.max(LEAST_LARGE_BODIES, places),
  };
}

/** @param waitMs how long a request may wait for each, in milliseconds. @default - of `createConcurrencyLimit` */
export function createConcurrencyLimits(room: Room, waitMs?: number): ConcurrencyLimits {
  const limitOf = (max: number) =>
    createConcurrencyLimit({ max, ...(waitMs === undefined ? {} : { waitMs }) });
  return {
    places: limitOf(room.places),
    smallBodies: limitOf(room.smallBodies),
    largeBodies: limitOf(room.largeBodies),
  };
}
