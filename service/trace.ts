/** The trace that a request belongs to (W3C Trace Context, level 1). */
export interface Trace {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** Whether the caller records the trace. */
  readonly sampled: boolean;
}

/** Version, trace id, parent id, flags; a later version may add members (§3.2.2 to §3.2.4). */
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(-.{0,400})?$/;

/**
 * Reads the `traceparent` of a client, from its header or from `_meta`.
 *
 * @returns undefined for anything but the exact form: the request then gets a trace of its own
 */
export function parseTraceparent(text: unknown): Trace | undefined {
  if (typeof text !== 'string') return undefined;
  const [, version, traceId, flags = '', more] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** A new trace. Its id is the request's, so both are unique. */
export function ownTrace(requestId: string): Trace {
  return { traceId: requestId.replaceAll('-', ''), sampled: false };
}

/** The trace of a call, for systems of the operator that serve it. */
export interface CallTrace {
  readonly traceId: string;
  /** Its `traceparent` header (W3C Trace Context). The parent in it is this call. */
  readonly traceparent: string;
}

/** @param requestId of the call; its last digits are the parent */
export function traceOfCall(trace: Trace | undefined, requestId: string): CallTrace {
  const { traceId, sampled } = trace ?? ownTrace(requestId);
  const parentId = requestId.slice(19).replace('-', '');
  return { traceId, traceparent: `00-${traceId}-${parentId}-${sampled ? '01' : '00'}` };
}
