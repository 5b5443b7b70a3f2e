import { once } from 'node:events';
import {
  classifyInboundRequest,
  createMcpHandler,
  isSpecType,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Request as ExpressRequest, Response as ExpressResponse, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { McpServerFactory } from '../mcp-server.ts';
import { contextOf, type RequestContext } from './context.ts';

type StreamPart = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/**
 * Hands the message to the SDK, which knows both eras: 2026-07-28 by its own handler, 2025-11-25 and older by a
 * stateless transport. A fresh protocol object serves each request; nothing is remembered. Answers are JSON unless
 * something is said before them.
 */
export function protocol(createServer: McpServerFactory, logger: Logger): RequestHandler {
  const contexts = new WeakMap<Request, RequestContext>();
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const context = contexts.get(requestInfo as Request) as RequestContext;
      if (context.method === 'subscriptions/listen') {
        // Nothing here ever changes while the process runs, and no capability says otherwise: a subscription would
        // only hold a connection. Refused here because only now has the SDK checked version, headers and envelope.
        context.refusal = new ServiceError('method_unknown', { reason: 'subscriptions/listen' });
      }
      return createServer(() => context);
    },
    {
      legacy: 'reject',
      maxSubscriptions: 0,
      onerror: (error) => logger.info('protocol_rejected', { message: error.message }),
    },
  );

  async function legacy(request: Request, body: unknown, context: RequestContext): Promise<Response> {
    const server = createServer(() => context);
    const transport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: !mayStream(body, server),
    });
    await server.connect(transport);
    const close = () =>
      void server.close().catch((error) => logger.warn('protocol_close_failed', describeError(error)));
    request.signal.addEventListener('abort', close, { once: true });
    return await transport.handleRequest(request, { parsedBody: body });
  }

  return async (request, response) => {
    const context = contextOf(response);
    const body: unknown = request.body;
    if (Array.isArray(body)) {
      // One request, one record, one place in the limits. Batches left the protocol with 2025-06-18.
      throw new ServiceError('batch_not_supported');
    }
    note(context, request, body);
    refuseWhatNobodyAnswers(body);
    // Not context.signal: that also says "no more time", and then there is still an answer to be sent.
    const webRequest = toWebRequest(request, context.ended);
    contexts.set(webRequest, context);
    const { kind } = classifyInboundRequest({
      httpMethod: 'POST',
      protocolVersionHeader: request.get('mcp-protocol-version'),
      mcpMethodHeader: request.get('mcp-method'),
      mcpNameHeader: request.get('mcp-name'),
      body,
    });
    const answer = await (kind === 'legacy'
      ? legacy(webRequest, body, context)
      : modern.fetch(webRequest, { parsedBody: body }));
    // A stream exists before anything is known of the call. Its status waits for the first message, because a refusal
    // (scope, limit) comes before any progress and has a status of its own.
    const stream = isEventStream(answer) ? answer.body?.getReader() : undefined;
    const first = await stream?.read();
    if (context.refusal !== undefined) {
      await (stream ?? answer.body)?.cancel();
      throw context.refusal;
    }
    copyHead(answer, response);
    if (stream === undefined || first === undefined) await sendText(answer, response, context, body);
    else await sendStream(first, stream, response, context);
  };
}

/** Whether a legacy request may be answered with more than its result. */
function mayStream(body: unknown, { server }: McpServer): boolean {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { _meta?: unknown } | null };
  if (method !== 'tools/call') return false;
  const { progressToken } = (params?._meta ?? {}) as { progressToken?: unknown };
  return progressToken !== undefined || server.getCapabilities().logging !== undefined;
}

/** What the audit record will say of the message. Everything here is the client's claim, not yet checked. */
function note(context: RequestContext, request: ExpressRequest, body: unknown): void {
  const { method, id, params } = (body ?? {}) as { method?: unknown; id?: unknown; params?: unknown };
  const { name, arguments: input, protocolVersion } = (params ?? {}) as Record<string, unknown>;
  if (typeof id === 'string' || typeof id === 'number') context.rpcId = id;
  if (typeof method === 'string') context.method = method;
  if (method === 'tools/call') {
    if (typeof name === 'string') context.tool = name;
    context.arguments = input;
  }
  context.protocolVersion =
    request.get('mcp-protocol-version') ??
    (typeof protocolVersion === 'string' ? protocolVersion : undefined);
}

/**
 * A message without an id gets no answer, so only what the protocol defines as a notification may come without one:
 * a `tools/call` that was accepted and never run would be a lie in the audit trail. Responses are for servers that
 * ask clients; this one never does.
 */
function refuseWhatNobodyAnswers(body: unknown): void {
  const { method, id } = (body ?? {}) as { method?: unknown; id?: unknown };
  const notification = typeof method === 'string' && method.startsWith('notifications/');
  if (
    typeof body === 'object' &&
    body !== null &&
    !notification &&
    (id === undefined || method === undefined)
  ) {
    throw new ServiceError('message_not_accepted');
  }
}

/** The request as the SDK takes it. The body travels parsed. */
function toWebRequest(request: ExpressRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The SDK has no use for the token, so it does not get it.
    if (typeof value === 'string' && name !== 'authorization') headers.set(name, value);
  }
  // The SDK looks for both types as they are usually written; ranges, other case and no Accept at all mean them as well.
  if (request.accepts('application/json') && request.accepts('text/event-stream')) {
    headers.set('accept', 'application/json, text/event-stream');
  }
  return new Request('http://mcp/mcp', { method: 'POST', headers, signal });
}

function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

function copyHead(answer: Response, response: ExpressResponse): void {
  response.status(answer.status);
  for (const [name, value] of answer.headers) {
    // The connection is the HTTP server's, and `no-store` is stricter than what the SDK says of a stream.
    if (name !== 'connection' && name !== 'cache-control') response.setHeader(name, value);
  }
}

async function sendText(
  answer: Response,
  response: ExpressResponse,
  context: RequestContext,
  body: unknown,
): Promise<void> {
  const text = await answer.text();
  if (context.outcome === undefined) noteOutcome(context, text);
  if (context.errorCode === '-32603') {
    // What the SDK says when a request does not have the form of its method, with its schema library's text.
    throw new ServiceError(isSpecType.ClientRequest(body) ? 'internal_error' : 'params_invalid');
  }
  context.resultBytes = Buffer.byteLength(text);
  response.setHeader('Content-Length', context.resultBytes);
  response.end(text);
}

/** Passes events on as they come. The SDK ends the stream after the result, and when the request's signal aborts. */
async function sendStream(
  first: StreamPart,
  stream: ReadableStreamDefaultReader<Uint8Array>,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const { ended: signal } = context;
  let last = '';
  for (let part = first; !part.done && !signal.aborted; part = await stream.read()) {
    last = Buffer.from(part.value).toString();
    context.resultBytes += part.value.byteLength;
    if (!response.write(part.value)) await once(response, 'drain', { signal }).catch(() => {});
  }
  if (signal.aborted) return;
  if (context.outcome === undefined) noteOutcome(context, /^data: (.*)$/m.exec(last)?.[1] ?? '');
  response.end();
}

/** What only the SDK has seen (handshakes, notifications, unknown methods) is known by its answer. */
function noteOutcome(context: RequestContext, text: string): void {
  const code = text === '' ? undefined : (JSON.parse(text) as { error?: { code?: number } }).error?.code;
  context.outcome = code === undefined ? 'ok' : code === -32_603 ? 'error' : 'invalid';
  if (code !== undefined) context.errorCode = `${code}`;
}
