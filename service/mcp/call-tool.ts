import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import type { Challenge } from '../auth/challenge.ts';
import { callerOf } from '../auth/token-verifier.ts';
import { ServiceError } from '../errors.ts';
import { noteHost, type RequestContext, recordError } from '../http/context.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { LogStart } from '../logging/call-log.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { isRestricted } from '../logging/recorded-arguments.ts';
import { createProgressReporter, type Progress, type ProgressReporter } from '../tools/progress.ts';
import type { Tool } from '../tools/tool.ts';
import { type ServedTool, served } from './served-tool.ts';

export interface ToolCallerOptions {
  readonly tools: readonly (Tool | ServedTool)[];
  readonly limiter: RateLimiter;
  /** Calls of one tool that one caller may make in any 60 s, unless the tool sets its own limit. */
  readonly limitPerMinute: number;
  readonly challenge: Challenge;
  readonly logger: Logger;
  /** Called before the work of each call, once no check can refuse it any more. */
  readonly started: LogStart;
}

/** The SDK's context of a call: cancellation, and how to report progress to the client. */
export type ProtocolRequest = ServerContext['mcpReq'];

/**
 * Calls a tool for an authenticated client.
 *
 * @throws ServiceError when the call itself is refused (unknown tool, scope, limit); failures inside the tool are
 * results with `isError`
 * @param mcpReq absent for a call that bypasses the SDK: it reports no progress, and only the end of the request
 * cancels it
 */
export type CallTool = (
  name: string,
  input: unknown,
  context: RequestContext,
  mcpReq?: ProtocolRequest,
) => Promise<CallToolResult>;

/** The tool stage: scope, input, limit, deadline, work, safe error, in this order. */
export function createToolCaller(options: ToolCallerOptions): CallTool {
  const tools = new Map(options.tools.map((tool) => served(tool)).map((tool) => [tool.entry.name, tool]));

  async function run(tool: ServedTool, input: unknown, context: RequestContext, mcpReq?: ProtocolRequest) {
    const { principal } = context;
    const clientId = principal?.clientId ?? '';
    const caller = principal === undefined ? '' : callerOf(principal);
    const { name } = tool.entry;
    // Before any refusal, so that the record has the host.
    const checked = tool.check(input ?? {});
    if (checked.problem === undefined) noteHost(context, checked.url);
    const missing = tool.scopes.filter((scope) => !context.principal?.scopes.has(scope));
    if (missing.length > 0) {
      throw new ServiceError('insufficient_scope', {
        reason: `${clientId} lacks ${missing.join(' ')} for ${name}`,
        detail: missing.join(' '),
        // All scopes that the tool needs, in one challenge (RFC 6750 §3.1).
        headers: options.challenge({ error: 'insufficient_scope', scopes: tool.scopes }),
      });
    }
    if (checked.problem !== undefined) throw new ServiceError('input_invalid', { detail: checked.problem });

    const limit = tool.limitPerMinute ?? options.limitPerMinute;
    const retryAfter = await options.limiter.consume(`tool:${name}:${caller}`, limit);
    if (retryAfter > 0) {
      throw new ServiceError('tool_rate_limited', {
        reason: `more than ${limit} calls of ${name} in 60 s`,
        headers: { 'Retry-After': String(retryAfter) },
      });
    }
    options.started({
      requestId: context.requestId,
      traceId: context.trace?.traceId,
      clientId,
      userId: principal?.user?.subject,
      tool: name,
      host: context.host,
    });
    const reporter = progressOf(mcpReq, context);
    const noteFinalHost = (host: string) => {
      context.finalHost = host;
    };
    const call = {
      requestId: context.requestId,
      client: { id: clientId },
      user: context.principal?.user,
      progress: reporter.report,
      noteFinalHost,
    };
    try {
      const outer = mcpReq === undefined ? [context.signal] : [context.signal, mcpReq.signal];
      return await withDeadline(tool.deadlineMs, outer, (signal) => checked.run({ ...call, signal }));
    } finally {
      // Before the response: no progress may follow it (MCP 2026-07-28, progress).
      await reporter.end();
    }
  }

  return async (name, input, context, mcpReq) => {
    const tool = tools.get(name);
    try {
      if (tool === undefined) throw new ServiceError('tool_unknown');
      const result = await run(tool, input, context, mcpReq);
      context.outcome = result.isError === true ? 'tool_error' : 'ok';
      return result;
    } catch (thrown) {
      const error = toToolError(thrown).forRequest(context.requestId);
      if (error.code === 'tool_failed') {
        const { message, ...where } = describeError(thrown);
        // The message may repeat an argument.
        const said = isRestricted(tool?.recording) ? {} : { message };
        options.logger.error('tool_failed', { requestId: context.requestId, tool: name, ...where, ...said });
      }
      recordError(context, error);
      if (error.row.jsonRpcCode !== undefined) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  };
}

function progressOf(
  mcpReq: ProtocolRequest | undefined,
  { jsonOnly = false }: RequestContext,
): ProgressReporter {
  const progressToken = mcpReq?._meta?.progressToken;
  const send =
    mcpReq === undefined || progressToken === undefined || jsonOnly
      ? undefined
      : (progress: Progress) =>
          mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...progress } });
  return createProgressReporter(send, () => performance.now());
}

/** Runs the work until it settles, its deadline passes or the request is cancelled; then its signal aborts. */
async function withDeadline<T>(
  deadlineMs: number,
  outer: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new ServiceError('deadline_exceeded', { reason: `after ${deadlineMs} ms` })),
    deadlineMs,
  );
  const follow = outer.map((signal) => ({
    signal,
    abort: () => {
      const { reason } = signal;
      controller.abort(reason instanceof ServiceError ? reason : new ServiceError('cancelled'));
    },
  }));
  for (const { signal, abort } of follow) {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }
  try {
    controller.signal.throwIfAborted();
    // Raced, because a handler that ignores its signal must not delay the call.
    return await new Promise<T>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
      work(controller.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    for (const { signal, abort } of follow) signal.removeEventListener('abort', abort);
  }
}

function toToolError(thrown: unknown): ServiceError {
  return thrown instanceof ServiceError ? thrown : new ServiceError('tool_failed', { cause: thrown });
}
