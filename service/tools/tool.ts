import type { z } from 'zod';
import type { ReportProgress } from './progress.ts';

/** The context of a call, for the tool's handler. */
export interface ToolCall {
  readonly requestId: string;
  readonly clientId: string;
  /** Aborts at the tool's deadline, when the client disconnects, and when the process must stop. */
  readonly signal: AbortSignal;
  /** Reports progress to a client that asked for it, at most 20 times a second; for others it does nothing. */
  readonly progress: ReportProgress;
  /** Records the host that responded or that a redirect led to, for the audit record; the last call counts. */
  readonly noteFinalHost: (host: string) => void;
}

export interface ToolResult<Output> {
  /** The text that a model reads. */
  readonly text: string;
  /**
   * The same as data; tests check it against the output schema. Required if the tool has an output schema, else
   * forbidden. Models of some clients read this, of others the text, of some both: put long text into the text only.
   */
  readonly structured?: Output;
}

/** One tool, one file. The pipeline provides authentication, limits, validation, audit and safe errors. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** 1–64 characters of `[A-Za-z0-9_-]`, which all clients and model providers accept; another name fails the start. */
  readonly name: string;
  readonly title: string;
  /** Written for a model that decides whether to call the tool. */
  readonly description: string;
  /** A strict object: unknown arguments are refused. Bound every string and number. */
  readonly input: Input;
  /** Schema of results as data: see `ToolResult.structured`. @default - results are text only */
  readonly output?: Output;
  /** Scopes a token needs: all of them, each listed explicitly. No scope implies another. */
  readonly scopes: readonly string[];
  /** Maximum duration of a call in milliseconds; then its signal aborts and it counts as timed out. */
  readonly deadlineMs: number;
  /** Whether a call changes nothing, as clients are told; they may then call without asking. @default false */
  readonly readOnly?: boolean;
  /** Whether a change may overwrite or delete. Ignored with `readOnly`. @default true */
  readonly destructive?: boolean;
  /** Whether repeating a call changes nothing more. Ignored with `readOnly`. @default false */
  readonly idempotent?: boolean;
  /**
   * Whether it reaches systems other than this server, such as the Web, so that results may be untrusted. @default true
   */
  readonly openWorld?: boolean;
  /** Calls one client may make in any 60 s. @default - MCP_TOOL_LIMIT_PER_MINUTE */
  readonly limitPerMinute?: number;
  /** The URL that a call fetches; its host is in the audit record, whatever the outcome of the call. @default none */
  urlOf?(input: z.output<Input>): string;
  /** Runs the tool. Throws ServiceError with text for the client; any other error becomes `tool_failed`. */
  handle(input: z.output<Input>, call: ToolCall): Promise<ToolResult<z.output<Output>>>;
}

type Effects = Pick<Tool, 'readOnly' | 'destructive' | 'idempotent' | 'openWorld'>;

/** All four hints of MCP 2026-07-28. Clients assume the worst, or the best, of an absent hint, so all are stated. */
export function annotationsOf(tool: Effects) {
  const { readOnly = false, destructive = true, idempotent = false, openWorld = true } = tool;
  return {
    readOnlyHint: readOnly,
    destructiveHint: !readOnly && destructive,
    idempotentHint: readOnly || idempotent,
    openWorldHint: openWorld,
  };
}
