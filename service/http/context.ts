import type { Response } from 'express';
import type { Principal } from '../auth/token-verifier.ts';
import type { ErrorCode, Outcome, ServiceError } from '../errors.ts';
import type { Trace } from '../trace.ts';

/** State of one request. Each stage adds its findings; the audit stage records them. */
export interface RequestContext {
  readonly requestId: string;
  /** Monotonic milliseconds when the request arrived. */
  readonly startedAt: number;
  readonly sourceIp?: string | undefined;
  /** Aborts with a ServiceError when the client has disconnected, or the process must stop. */
  readonly signal: AbortSignal;
  /** Aborts when the response is sent, or can no longer be sent. */
  readonly ended: AbortSignal;
  /** Absent on stdio, unless the client sent one. */
  trace?: Trace | undefined;
  principal?: Principal;
  protocolVersion?: string | undefined;
  method?: string | undefined;
  tool?: string;
  /** The URI that a client reads. */
  resource?: string;
  prompt?: string;
  arguments?: unknown;
  /** Host of the URL that a tool call asks for, and the last host that responded or that a redirect led to. */
  host?: string | undefined;
  finalHost?: string;
  /** Whether the message is of 2025-11-25 or older. */
  legacy?: boolean;
  /** Whether the client accepts no event stream; it then receives no progress. */
  jsonOnly?: boolean;
  /** Whether the client accepts only an event stream; the response is then its only event. */
  eventsOnly?: boolean;
  /** JSON-RPC id of the response. */
  rpcId?: string | number | null;
  outcome?: Outcome;
  errorCode?: ErrorCode;
  reason?: string | undefined;
  /** Whether the message has a slot. */
  hasSlot?: boolean;
  /** Gives up the room for a small body, once the message waits for a slot or has one. */
  leaveSmallBody?: () => void;
  /** Waits for the room for a large body, when a body of unannounced length exceeds the size of a small one. */
  becomeLarge?: () => Promise<void>;
  /** Parses a small body from its bytes again. */
  parseAgain?: () => unknown;
  /** Bytes of the response body, counted where it is written. */
  resultBytes: number;
  /** An error from the protocol layer that must become the HTTP response. */
  refusal?: ServiceError;
}

/** Records the host of a call's URL; does nothing if the text is not a URL with a host. */
export function noteHost(context: RequestContext, url: string | undefined): void {
  if (url !== undefined) context.host = URL.parse(url)?.host || undefined;
}

/** Copies an error into the fields that the audit stage records. */
export function recordError(context: RequestContext, error: ServiceError): void {
  context.outcome = error.row.outcome;
  context.errorCode = error.code;
  context.reason = error.reason;
}

declare global {
  namespace Express {
    interface Locals {
      context: RequestContext;
    }
  }
}

/** The context that the first stage stored on the response. */
export function contextOf(response: Response): RequestContext {
  return response.locals.context;
}
