import type { Response } from 'express';
import type { Principal } from '../auth/token-verifier.ts';
import type { ErrorCode, Outcome, ServiceError } from '../errors.ts';

/** One request on its way: each stage fills in what it finds out, the audit stage writes it all down. */
export interface RequestContext {
  readonly requestId: string;
  /** Monotonic milliseconds when the request arrived. */
  readonly startedAt: number;
  readonly sourceIp?: string | undefined;
  /** Aborts with a ServiceError when the work is not wanted any more: the client has gone, or the process must end. */
  readonly signal: AbortSignal;
  /** Aborts when the answer has left or never will. */
  readonly ended: AbortSignal;
  principal?: Principal;
  protocolVersion?: string | undefined;
  method?: string | undefined;
  tool?: string;
  arguments?: unknown;
  /** Host of the URL that a tool call is to fetch, and the last one that answered or that a redirect led to. */
  host?: string | undefined;
  finalHost?: string;
  /** Whether the message is of 2025-11-25 or older. */
  legacy?: boolean;
  /** Whether the client takes no stream of events; it then hears of no progress. */
  jsonOnly?: boolean;
  /** Whether the client takes nothing but a stream of events; a whole answer is then the only one of them. */
  eventsOnly?: boolean;
  /** JSON-RPC id to answer with. */
  rpcId?: string | number | null;
  outcome?: Outcome;
  errorCode?: ErrorCode;
  reason?: string | undefined;
  /** Whether it has a place among the messages that are worked on. */
  hasPlace?: boolean;
  /** Gives back the room of a small body, once it waits for a place or has one. */
  leaveSmallBody?: () => void;
  /** Waits for the room of a large body, which one of unannounced length turns out to be. */
  becomeLarge?: () => Promise<void>;
  /** Parses a small body again, from its bytes. */
  parseAgain?: () => unknown;
  /** Bytes of the answer's body, counted by whoever writes it. */
  resultBytes: number;
  /** An error found inside the protocol layer that must become the HTTP answer. */
  refusal?: ServiceError;
}

/** Writes down which host a call is about; nothing where the text is no URL of a host. */
export function noteHost(context: RequestContext, url: string | undefined): void {
  if (url !== undefined) context.host = URL.parse(url)?.host || undefined;
}

/** Writes an error into what the audit stage will record. */
export function recordError(context: RequestContext, error: ServiceError): void {
  context.outcome = error.row.outcome;
  context.errorCode = error.code;
  context.reason = error.reason;
}

/** The context that the first stage put on the response. */
export function contextOf(response: Response): RequestContext {
  return response.locals['context'] as RequestContext;
}
