import type { CallToolResult } from '@modelcontextprotocol/server';
import { dropNullsBy } from '../absent-nulls.ts';
import { ServiceError } from '../errors.ts';
import { isRestricted, ruleOf } from '../logging/recorded-arguments.ts';
import type { ServedTool } from '../mcp/served-tool.ts';
import type { CallContext } from '../tools/tool.ts';
import { cutText } from '../well-formed.ts';
import { createBoundedValidator, UNDECIDED } from './bounded-validator.ts';
import { parseDefinition, toolDefinition } from './definitions.ts';
import { toServiceError } from './failure.ts';
import type { LockedTool } from './lock.ts';
import { callerMeta, type PinnedParts } from './parts.ts';
import { visibleResult } from './result.ts';

/** A tool of the server behind this one. */
export function pinnedTool(
  locked: LockedTool,
  { connection, isAsPinned, turns, timeBox }: PinnedParts,
): ServedTool {
  const { name, scopes, deadlineMs, limitPerMinute, record } = locked;
  const entry = parseDefinition(toolDefinition, locked);
  const withoutNulls = dropNullsBy(entry.inputSchema);
  const validate = createBoundedValidator(timeBox).getValidator(entry.inputSchema);
  const recording = ruleOf(record, Object.keys(Object(entry.inputSchema['properties'])));
  const outputSchema = entry.outputSchema && { outputSchema: entry.outputSchema };

  async function run(input: Record<string, unknown>, call: CallContext): Promise<CallToolResult> {
    const { signal } = call;
    try {
      if (!(await isAsPinned(name))) throw new ServiceError('tool_changed', { reason: name });
      const result = await connection.use(signal, (client) =>
        client.callTool(
          { name, arguments: input, _meta: callerMeta(call) },
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
      throw toServiceError(error, isRestricted(recording));
    }
  }

  return {
    ...{ entry, scopes, deadlineMs, limitPerMinute, recording },
    check(given) {
      let input: unknown;
      try {
        input = timeBox(() => withoutNulls(given));
      } catch {
        return { problem: UNDECIDED };
      }
      const { valid, errorMessage } = validate(input);
      if (!valid) return { problem: cutText(errorMessage ?? 'they do not match its schema', 500) };
      return { run: (call) => run(input as Record<string, unknown>, call) };
    },
  };
}
