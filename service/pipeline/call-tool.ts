import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Challenge } from '../auth/challenge.ts';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { RateLimiter } from '../rate-limiter.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import { type RequestContext, recordError } from './context.ts';

export interface ToolCallerOptions {
  readonly tools: readonly Tool[];
  readonly limiter: RateLimiter;
  /** Calls one client may make of one tool in any 60 s, unless the tool says otherwise. */
  readonly limitPerMinute: number;
  readonly challenge: Challenge;
  readonly logger: Logger;
}

/**
 * Calls a tool for an authenticated client.
 *
 * @throws ServiceError where the call itself is refused (unknown tool, scope, limit); what goes wrong inside the
 * tool is a result with `isError`
 */
export type CallTool = (
  name: string,
  input: unknown,
  context: RequestContext,
  signal: AbortSignal,
) => Promise<CallToolResult>;

/** The tool stage: scope, input, limit, deadline, work, safe error, in this order. */
export function createToolCaller(options: ToolCallerOptions): CallTool {
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]));

  async function run(tool: Tool, input: unknown, context: RequestContext, signal: AbortSignal) {
    const clientId = context.principal?.clientId ?? '';
    const missing = tool.scopes.filter((scope) => !context.principal?.scopes.has(scope));
    if (missing.length > 0) {
      throw new ServiceError('insufficient_scope', {
        reason: `${clientId} lacks ${missing.join(' ')} for ${tool.name}`,
        // All that the tool needs, in one challenge (RFC 6750 §3.1).
        headers: options.challenge({ error: 'insufficient_scope', scopes: tool.scopes }),
      });
    }
    const parsed = tool.input.safeParse(input ?? {});
    if (!parsed.success) throw new ServiceError('input_invalid', { detail: explain(parsed.error) });

    const limit = tool.limitPerMinute ?? options.limitPerMinute;
    const retryAfter = await options.limiter.consume(`tool:${tool.name}:${clientId}`, limit);
    if (retryAfter > 0) {
      throw new ServiceError('tool_rate_limited', {
        reason: `more than ${limit} calls of ${tool.name} in 60 s`,
        headers: { 'Retry-After': String(retryAfter) },
      });
    }
    const call = { requestId: context.requestId, clientId };
    return await withDeadline(tool.deadlineMs, signal, (bounded) =>
      tool.handle(parsed.data, { ...call, signal: bounded }),
    );
  }

  return async (name, input, context, signal) => {
    const tool = tools.get(name);
    try {
      if (tool === undefined) throw new ServiceError('tool_unknown');
      const { text, structured } = await run(tool, input, context, signal);
      context.outcome = 'ok';
      return { content: [{ type: 'text', text }], structuredContent: structured };
    } catch (thrown) {
      const error = toToolError(thrown, context.requestId);
      if (error.code === 'tool_failed') {
        options.logger.error('tool_failed', {
          requestId: context.requestId,
          tool: name,
          ...describeError(thrown),
        });
      }
      recordError(context, error);
      if (error.row.jsonRpcCode !== undefined) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  };
}

/** Runs the work until it settles, its deadline passes or the client goes; the work's signal aborts in both cases. */
async function withDeadline(
  deadlineMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<ToolResult<unknown>>,
): Promise<{ text: string; structured: Record<string, unknown> }> {
  const controller = new AbortController();
  const cancel = () => controller.abort(new ServiceError('cancelled', { reason: 'the client went away' }));
  const timer = setTimeout(
    () => controller.abort(new ServiceError('deadline_exceeded', { reason: `after ${deadlineMs} ms` })),
    deadlineMs,
  );
  const aborted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  if (outer.aborted) cancel();
  else outer.addEventListener('abort', cancel, { once: true });
  try {
    // Raced, because a handler that ignores its signal must not hold the call.
    return (await Promise.race([work(controller.signal), aborted])) as Awaited<
      ReturnType<typeof withDeadline>
    >;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', cancel);
  }
}

function toToolError(thrown: unknown, requestId: string): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  return new ServiceError('tool_failed', { detail: requestId, cause: thrown });
}

/** Which argument is wrong and why, in at most 500 characters, without repeating the argument. */
function explain(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll('\n', ' ').slice(0, 500);
}
