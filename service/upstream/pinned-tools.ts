import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
import { dropNullsBy } from '../absent-nulls.ts';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { ServedTool } from '../mcp/served-tool.ts';
import type { CallContext } from '../tools/tool.ts';
import type { Turns } from '../turns.ts';
import { cutText } from '../well-formed.ts';
import { createIsAsPinned } from './changes.ts';
import type { Connection } from './connection.ts';
import { entryOf, type LockedTool } from './lock.ts';
import { visibleResult } from './result.ts';

export interface PinnedToolsOptions {
  readonly connection: Connection;
  /** The tools of `tools.lock.json`. */
  readonly locked: readonly LockedTool[];
  readonly turns: Turns;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Member of a call's `_meta` that names the client to the server behind this one. */
export const CLIENT_META_KEY = 'hardened-mcp/clientId';

/**
 * The tools of the MCP server behind this one, as the lock names them. Clients see the definitions of the lock, never the
 * server's own; arguments are checked here; a tool whose definition has changed is refused with `tool_changed`.
 */
export function createPinnedTools(options: PinnedToolsOptions): readonly ServedTool[] {
  const isAsPinned = createIsAsPinned(options);
  return options.locked.map((locked) => pinnedTool(locked, isAsPinned, options));
}

function pinnedTool(
  locked: LockedTool,
  isAsPinned: (name: string) => Promise<boolean>,
  { connection, turns }: PinnedToolsOptions,
): ServedTool {
  const entry = entryOf(locked);
  const { name, deadlineMs } = locked;
  const withoutNulls = dropNullsBy(entry.inputSchema);
  // Interprets the schema: the image forbids code that is made from text.
  const validate = new CfWorkerJsonSchemaValidator().getValidator(entry.inputSchema);
  const outputSchema = entry.outputSchema && { outputSchema: entry.outputSchema };

  async function run(input: Record<string, unknown>, call: CallContext): Promise<CallToolResult> {
    const { signal } = call;
    try {
      if (!(await isAsPinned(name))) throw new ServiceError('tool_changed', { reason: name });
      const result = await connection.use(signal, (client) =>
        client.callTool(
          { name, arguments: input, _meta: { [CLIENT_META_KEY]: call.client.id } },
          {
            signal,
            timeout: deadlineMs,
            toolDefinition: { name, inputSchema: entry.inputSchema, ...outputSchema },
            // Its message is untrusted text, which a client may show as ours.
            onprogress: ({ progress, total }) => call.progress(progress, total),
          },
        ),
      );
      return await visibleResult(result, turns.begin(signal));
    } catch (error) {
      signal.throwIfAborted();
      throw toServiceError(error);
    }
  }

  return {
    entry,
    scopes: locked.scopes,
    deadlineMs,
    limitPerMinute: locked.limitPerMinute,
    check(given) {
      const input = withoutNulls(given);
      const { valid, errorMessage } = validate(input);
      if (!valid) return { problem: cutText(errorMessage ?? 'they do not match its schema', 500) };
      return { run: (call) => run(input as Record<string, unknown>, call) };
    },
  };
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError && error.code === 'tool_changed') return error;
  const { error: kind, code, message } = describeError(error);
  const options = { reason: [kind, code, message].filter(Boolean).join(' '), cause: error };
  if (error instanceof ProtocolError) {
    return new ServiceError(
      /structured content/i.test(error.message) ? 'result_not_accepted' : 'server_refused',
      options,
    );
  }
  const isBound = error instanceof ServiceError || /^TOO_MANY_/.test(String(code));
  const isInvalid =
    error instanceof SdkError &&
    [SdkErrorCode.InvalidResult, SdkErrorCode.UnsupportedResultType].includes(error.code) &&
    !(error instanceof SdkHttpError);
  return new ServiceError(isBound || isInvalid ? 'result_not_accepted' : 'server_unavailable', options);
}
