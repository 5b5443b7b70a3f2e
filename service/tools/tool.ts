import type { z } from 'zod';
import type { User } from '../auth/token-verifier.ts';
import type { ToolLog } from '../logging/tool-log.ts';
import type { ToolFetch } from '../outgoing/tool-fetch.ts';
import type { CallTrace } from '../trace.ts';
import type { ReportProgress } from './progress.ts';

/** The context of a call, for the tool's handler. */
export interface ToolContext<Settings = unknown, Secret extends string = string> {
  /** Random for each call; the audit record and the log lines have it. */
  readonly requestId: string;
  /** The client that calls. */
  readonly client: { readonly id: string };
  /** The person for whom the client calls. Absent if the token names none. */
  readonly user?: User | undefined;
  /**
   * The trace of the call, which the audit record has too. Pass `traceparent` to systems of your own that the call reaches,
   * and to no other: `fetch` sends it to the hosts that `needs.hosts` marks as internal.
   */
  readonly trace: CallTrace;
  /** The settings of the stage, checked, with defaults. */
  readonly settings: Settings;
  /**
   * Returns a secret of the tool. Ask for it in each call, so that a rotated secret is used without a restart: a value is
   * at most a minute old while the store is reachable.
   *
   * @param maxAgeMs a younger value, in milliseconds, for a second try after the first was refused
   * @throws ServiceError `secret_unavailable` when it is empty or cannot be read
   */
  secret(name: Secret, maxAgeMs?: number): Promise<string>;
  /**
   * Like the global `fetch`, for the hosts of `needs.hosts` only, with every address checked and the bytes bounded.
   *
   * @throws ServiceError `url_refused`, `redirect_refused`, `fetch_failed`
   */
  readonly fetch: ToolFetch;
  /** Aborts at the tool's deadline, when the client disconnects, and when the process must stop. */
  readonly signal: AbortSignal;
  /** Reports progress to a client that asked for it, at most 20 times a second; for others it does nothing. */
  readonly progress: ReportProgress;
  /** Writes lines to the operator's log: redacted, bounded, with the request id. */
  readonly log: ToolLog;
  /** Records the host that responded or that a redirect led to, for the audit record; the last call counts. */
  readonly noteFinalHost: (host: string) => void;
}

/** The part of a context that the pipeline gives, whatever the tool needs. */
export type CallContext = Pick<
  ToolContext,
  'requestId' | 'client' | 'user' | 'trace' | 'signal' | 'progress' | 'noteFinalHost'
>;

/** Content of a result besides its text. A result has at most 100 blocks and 4 MiB in all; a larger one is refused. */
export type ToolContent =
  | {
      readonly type: 'image';
      /** Base64 with padding. */
      readonly data: string;
      readonly mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
    }
  | {
      readonly type: 'audio';
      /** Base64 with padding. */
      readonly data: string;
      readonly mimeType: 'audio/wav' | 'audio/mpeg' | 'audio/mp4' | 'audio/ogg' | 'audio/webm' | 'audio/flac';
    }
  /** Where a client can read more. Texts are cut to 8 Ki characters. */
  | {
      readonly type: 'resource_link';
      readonly uri: string;
      readonly name: string;
      readonly title?: string;
      readonly description?: string;
      readonly mimeType?: string;
    }
  /** A text with an address of its own. */
  | {
      readonly type: 'resource';
      readonly resource: { readonly uri: string; readonly mimeType?: string; readonly text: string };
    };

export interface ToolResult<Output> {
  /** The text that a model reads; it may be empty if there is other content. */
  readonly text: string;
  /** Images, sounds and resources. Some clients show only the text. @default none */
  readonly content?: readonly ToolContent[];
  /**
   * The same as data; tests check it against the output schema. Required if the tool has an output schema, else
   * forbidden. Models of some clients read this, of others the text, of some both: put long text into the text only.
   */
  readonly structured?: Output;
}

/**
 * One tool, one file; its definition has its name. The pipeline provides authentication, limits, validation, audit and safe
 * errors.
 */
export interface UnnamedTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  Context = ToolContext,
> {
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
  /**
   * The URL that a call fetches; its host is in the audit record, whatever the outcome of the call and
   * whatever `needs.record` says.
   *
   * @default none
   */
  urlOf?(input: z.output<Input>): string;
  /** Runs the tool. Throws ServiceError with text for the client; any other error becomes `tool_failed`. */
  handle(input: z.output<Input>, context: Context): Promise<ToolResult<z.output<Output>>>;
}

/** A tool as it is served. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject>
  extends UnnamedTool<Input, Output> {
  /** 1–64 characters of `[A-Za-z0-9_-]`, which all clients and model providers accept; another name fails the start. */
  readonly name: string;
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
