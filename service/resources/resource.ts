import type { CallContext } from '../tools/tool.ts';

/** The content of a resource: text, or the bytes of anything else. */
export type ResourceContent =
  | { readonly text: string; readonly bytes?: never }
  | { readonly bytes: Uint8Array; readonly text?: never };

/** Values of the variables of a URI, by their names. Each is decoded, not empty, and contains no slash. */
export type Variables = Readonly<Record<string, string>>;

/**
 * One resource, one file: data that a client reads by a URI. The pipeline provides authentication, scopes, limits,
 * deadline, audit and safe errors, as for tools.
 */
export interface Resource {
  /**
   * An absolute URI, such as `docs://handbook`; at most 512 characters. With `{variables}`, such as
   * `docs://handbook/{chapter}`, it is a template for many: each variable stands for at least one character without a
   * slash, and between two slashes there is at most one. Another URI fails the start.
   */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  /** Written for a model, or a person, who decides whether to read it. */
  readonly description: string;
  /** Media type of the content, such as `text/markdown`. */
  readonly mimeType: string;
  /** Scopes a token needs: all of them, each listed explicitly. No scope implies another. */
  readonly scopes: readonly string[];
  /** Maximum duration of a read in milliseconds; then its signal aborts and it counts as timed out. */
  readonly deadlineMs: number;
  /** Reads by one client in any 60 s. @default - MCP_TOOL_LIMIT_PER_MINUTE */
  readonly limitPerMinute?: number;
  /**
   * Reads it. At most 1 MiB. Throws ServiceError with text for the client, such as `resource_unknown`; any other error
   * becomes `resource_failed`.
   */
  read(variables: Variables, call: CallContext): Promise<ResourceContent>;
}
