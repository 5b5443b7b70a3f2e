import type { z } from 'zod';
import type { ReportProgress } from './progress.ts';

/** What a tool may know of the call it serves. */
export interface ToolCall {
  readonly requestId: string;
  readonly clientId: string;
  /** Aborts at the tool's deadline, when the client goes away, and when the process has no more time. */
  readonly signal: AbortSignal;
  /** Tells a client that asked for it how far the work is, at most 20 times a second; for others it does nothing. */
  readonly progress: ReportProgress;
  /** Notes for the record the host that answered or that a redirect led to; the last one counts. */
  readonly noteFinalHost: (host: string) => void;
}

export interface ToolResult<Output> {
  /** What a model reads. */
  readonly text: string;
  /**
   * The same as data, checked against the output schema in tests. Must be there where the tool has one, and only there.
   * Models of some clients read this, of others the text, of some both: put long text into the text alone.
   */
  readonly structured?: Output;
}

/** One tool, one file. Authentication, limits, validation, audit and safe errors are the pipeline's. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** 1–64 characters of `[A-Za-z0-9_-]`, which clients and model providers all take; another ends the start. */
  readonly name: string;
  readonly title: string;
  /** Written for a model that decides whether to call the tool. */
  readonly description: string;
  /** A strict object: unknown arguments are refused. Bound every string and number. */
  readonly input: Input;
  /** What results are as data: see `ToolResult.structured`. @default - results are text alone */
  readonly output?: Output;
  /** Scopes a token needs, all of them and each by its own name: no scope implies another. */
  readonly scopes: readonly string[];
  /** How long a call may take, in milliseconds, before its signal aborts and it counts as timed out. */
  readonly deadlineMs: number;
  /** Whether a call changes nothing anywhere, as clients are told; they may then make it without asking. @default false */
  readonly readOnly?: boolean;
  /** Whether a change may overwrite or delete. Of no meaning where `readOnly`. @default true */
  readonly destructive?: boolean;
  /** Whether the same call again changes nothing more. Of no meaning where `readOnly`. @default false */
  readonly idempotent?: boolean;
  /** Whether it reaches what is not this server's own, such as the Web, so that results may be untrusted. @default true */
  readonly openWorld?: boolean;
  /** Calls one client may make in any 60 s. @default - MCP_TOOL_LIMIT_PER_MINUTE */
  readonly limitPerMinute?: number;
  /** The URL that a call is to fetch; its host stands in the audit record, whatever becomes of the call. @default none */
  urlOf?(input: z.output<Input>): string;
  /** The work. Throws ServiceError for what a client may know; anything else becomes `tool_failed`. */
  handle(input: z.output<Input>, call: ToolCall): Promise<ToolResult<z.output<Output>>>;
}

type Effects = Pick<Tool, 'readOnly' | 'destructive' | 'idempotent' | 'openWorld'>;

/** All four hints of MCP 2026-07-28. Of an absent one clients take the worst, some the best: so none is. */
export function annotationsOf(tool: Effects) {
  const { readOnly = false, destructive = true, idempotent = false, openWorld = true } = tool;
  return {
    readOnlyHint: readOnly,
    destructiveHint: !readOnly && destructive,
    idempotentHint: readOnly || idempotent,
    openWorldHint: openWorld,
  };
}
