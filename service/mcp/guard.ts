import type { ServerContext } from '@modelcontextprotocol/server';
import type { Challenge } from '../auth/challenge.ts';
import { callerOf } from '../auth/token-verifier.ts';
import { type ErrorCode, ServiceError } from '../errors.ts';
import { noteHost, type RequestContext, recordError } from '../http/context.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { LogStart } from '../logging/call-log.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { createProgressReporter, type Progress, type ProgressReporter } from '../tools/progress.ts';
import type { CallContext } from '../tools/tool.ts';
import { traceOfCall } from '../trace.ts';

export interface GuardOptions {
  readonly limiter: RateLimiter;
  /** Calls of one tool, resource or prompt that one caller may make in any 60 s, unless that sets its own limit. */
  readonly limitPerMinute: number;
  readonly challenge: Challenge;
  readonly logger: Logger;
  /** Called before the work of each call, once no check can refuse it any more. */
  readonly started: LogStart;
}

/** Kinds of things that a server offers to clients. */
export type Kind = 'tool' | 'resource' | 'prompt';

/** The rules of a tool, a resource or a prompt. */
export interface Rules {
  /** Scopes a token needs: all of them. */
  readonly scopes: readonly string[];
  /** Maximum duration of a call in milliseconds. */
  readonly deadlineMs: number;
  /** Calls one client may make in any 60 s. @default - MCP_TOOL_LIMIT_PER_MINUTE */
  readonly limitPerMinute?: number | undefined;
}

/** A call that may run, or the text that tells the client which argument is wrong and why. */
export type Checked<Result> =
  | { readonly problem: string }
  | {
      readonly problem?: never;
      /** The URL that the call fetches. */
      readonly url?: string | undefined;
      run(call: CallContext): Promise<Result>;
    };

/** The SDK's context of a call: cancellation, and how to report progress to the client. */
export type ProtocolRequest = ServerContext['mcpReq'];

export interface Guard {
  /**
   * Checks scopes, arguments and limit of a call in this order, then runs it within its deadline.
   *
   * @param name of the tool, resource or prompt, as its list shows it
   * @throws ServiceError of a refusal, or the error of the work
   */
  run<Result>(
    kind: Kind,
    name: string,
    rules: Rules,
    checked: Checked<Result>,
    context: RequestContext,
    mcpReq?: ProtocolRequest,
  ): Promise<Result>;
  /**
   * The error as the client gets it. An unknown one becomes `tool_failed`, `resource_failed` or `prompt_failed` and is
   * logged. The context has its fields for the audit record.
   *
   * @param isRestricted whether the arguments may not be recorded: the message of an unknown error may repeat one, and so
   * may the reason why a URL is refused
   */
  refused(
    kind: Kind,
    name: string,
    thrown: unknown,
    context: RequestContext,
    isRestricted?: boolean,
  ): ServiceError;
}

/** The stage that tools, resources and prompts share. */
export function createGuard(options: GuardOptions): Guard {
  function requireScopes(name: string, { scopes }: Rules, { principal }: RequestContext): void {
    const missing = scopes.filter((scope) => !principal?.scopes.has(scope));
    if (missing.length === 0) return;
    throw new ServiceError('insufficient_scope', {
      reason: `${principal?.clientId ?? ''} lacks ${missing.join(' ')} for ${name}`,
      detail: missing.join(' '),
      // All scopes that the call needs, in one challenge (RFC 6750 §3.1).
      headers: options.challenge({ error: 'insufficient_scope', scopes }),
    });
  }

  return {
    async run(kind, name, rules, checked, context, mcpReq) {
      // Before any refusal, so that the record has the host.
      if (checked.problem === undefined) noteHost(context, checked.url);
      requireScopes(name, rules, context);
      if (checked.problem !== undefined) {
        throw new ServiceError(kind === 'tool' ? 'input_invalid' : 'params_invalid', {
          detail: checked.problem,
        });
      }
      const { requestId, principal, host, trace } = context;
      const clientId = principal?.clientId ?? '';
      const limit = rules.limitPerMinute ?? options.limitPerMinute;
      const caller = principal === undefined ? '' : callerOf(principal);
      // No name contains a blank, so no two callers share a count.
      const retryAfter = await options.limiter.consume(`${kind}:${name} ${caller}`, limit);
      if (retryAfter > 0) {
        throw new ServiceError(`${kind}_rate_limited`, {
          reason: `more than ${limit} calls of ${name} in 60 s`,
          headers: { 'Retry-After': String(retryAfter) },
        });
      }
      options.started({
        requestId,
        traceId: trace?.traceId,
        clientId,
        userId: principal?.user?.subject,
        tool: kind === 'tool' ? name : undefined,
        resource: kind === 'resource' ? name : undefined,
        prompt: kind === 'prompt' ? name : undefined,
        host,
      });
      const reporter = progressOf(mcpReq, context);
      const noteFinalHost = (final: string) => {
        context.finalHost = final;
      };
      try {
        const outer = mcpReq === undefined ? [context.signal] : [context.signal, mcpReq.signal];
        return await withDeadline(rules.deadlineMs, outer, (signal) =>
          checked.run({
            requestId,
            client: { id: clientId },
            user: principal?.user,
            trace: traceOfCall(trace, requestId),
            subjectToken: kind === 'tool' ? context.subjectToken : undefined,
            signal,
            progress: reporter.report,
            noteFinalHost,
          }),
        );
      } finally {
        // Before the response: no progress may follow it (MCP 2026-07-28, progress).
        await reporter.end();
      }
    },

    refused(kind, name, thrown, context, isRestricted = false) {
      const failed = `${kind}_failed` as const;
      const error = (
        thrown instanceof ServiceError ? thrown : new ServiceError(failed, { cause: thrown })
      ).forRequest(context.requestId);
      if (error.code === failed) {
        const { message, ...where } = describeError(thrown);
        const said = isRestricted ? {} : { message };
        options.logger.error(failed, { requestId: context.requestId, [kind]: name, ...where, ...said });
      }
      recordError(context, isRestricted && NAMES_URL.has(error.code) ? new ServiceError(error.code) : error);
      return error;
    },
  };
}

/** Errors whose reason has a part of the URL, which the tool may have made of an argument. */
const NAMES_URL: ReadonlySet<ErrorCode> = new Set(['url_refused', 'redirect_refused', 'input_invalid']);

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
