import {
  classifyInboundRequest,
  createMcpHandler,
  isInitializeRequest,
  type JSONRPCErrorResponse,
  type McpServer,
  ProtocolError,
  SUPPORTED_PROTOCOL_VERSIONS,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { contextOf, type RequestContext } from '../http/context.ts';
import { isAnswerable, isDeeperThan, isHandshake, note, withoutNulls } from '../http/message.ts';
import { isEventStream, sendJson, sendStream, sendText } from '../http/send-response.ts';
import { MAX_DEPTH } from '../json-bounds.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { FIRST_STATELESS_REVISION } from '../version.ts';
import type { FastPath } from './fast-path.ts';
import { answerFromTable, fromProtocol, messageNotAccepted, unsupportedVersion } from './protocol-errors.ts';
import type { McpServerFactory } from './server.ts';

/**
 * Hands the message to the SDK, which knows both eras: 2026-07-28 by its own handler, 2025-11-25 and older by a
 * stateless transport. A fresh protocol object serves each request; nothing is remembered. Answers are JSON unless
 * something is said before them.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the two eras share the contexts of their requests
export function protocol(
  createServer: McpServerFactory,
  fastPath: FastPath,
  limitCalls: (context: RequestContext, request: ExpressRequest) => Promise<void>,
  logger: Logger,
): RequestHandler {
  const contexts = new WeakMap<Request, RequestContext>();

  /** The protocol object of one request, whose errors become the HTTP answer. */
  function serverOf(context: RequestContext): McpServer {
    const server = createServer(() => context);
    const connect = server.connect.bind(server);
    server.connect = (transport) =>
      connect(
        answerFromTable(transport, (error) => {
          context.refusal = error.answering(context.requestId);
          return context.refusal;
        }),
      );
    return server;
  }

  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const context = contexts.get(requestInfo as Request) as RequestContext;
      if (context.method === 'subscriptions/listen') {
        // Nothing here ever changes while the process runs, and no capability says otherwise: a subscription would
        // only hold a connection. Refused here because only now has the SDK checked version, headers and envelope.
        context.refusal = new ServiceError('method_unknown', { reason: 'subscriptions/listen' });
      }
      return serverOf(context);
    },
    {
      legacy: 'reject',
      maxSubscriptions: 0,
      onerror(error) {
        // Refusals have their audit record, without the values of headers and arguments that stand in these texts.
        if (
          error instanceof ProtocolError ||
          /^(?:Rejected |subscriptions\/listen refused)/.test(error.message)
        )
          return;
        logger.warn('protocol_failed', describeError(error));
      },
    },
  );

  async function legacy(request: Request, body: unknown, context: RequestContext): Promise<Response> {
    context.legacy = true;
    const version = request.headers.get('mcp-protocol-version');
    if (version !== null && !SUPPORTED_PROTOCOL_VERSIONS.includes(version) && !isInitializeRequest(body)) {
      throw unsupportedVersion([FIRST_STATELESS_REVISION, ...SUPPORTED_PROTOCOL_VERSIONS], version);
    }
    const server = serverOf(context);
    const transport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: context.jsonOnly === true || !mayStream(body, server),
    });
    await server.connect(transport);
    const close = () =>
      void server.close().catch((error) => logger.warn('protocol_close_failed', describeError(error)));
    request.signal.addEventListener('abort', close, { once: true });
    return await transport.handleRequest(request, { parsedBody: body });
  }

  return async (request, response) => {
    const context = contextOf(response);
    judge(request, context);
    await limitCalls(context, request);
    const body = withoutNulls(request.body);
    const direct = fastPath(request, body, context);
    if (direct !== undefined) {
      const text = await direct;
      if (!context.ended.aborted) sendJson(text, response, context);
      return;
    }
    // Not context.signal: that also says "no more time", and then there is still an answer to be sent.
    const webRequest = toWebRequest(request, context.ended);
    contexts.set(webRequest, context);
    const version = request.get('mcp-protocol-version');
    const route = classifyInboundRequest({
      httpMethod: 'POST',
      protocolVersionHeader: isHandshake(body, version) ? undefined : version,
      mcpMethodHeader: request.get('mcp-method'),
      mcpNameHeader: request.get('mcp-name'),
      body,
    });
    if (route.kind === 'reject') {
      throw route.rung === 'jsonrpc-shape' ? messageNotAccepted(body) : fromProtocol(route);
    }
    const answer = await (route.kind === 'legacy'
      ? legacy(webRequest, body, context)
      : modern.fetch(webRequest, { parsedBody: body }));
    // A stream exists before anything is known of the call. Its status waits for the first message, because a refusal
    // (scope, limit) comes before any progress and has a status of its own.
    const stream = isEventStream(answer) ? answer.body?.getReader() : undefined;
    const first = await stream?.read();
    if (context.ended.aborted) return;
    if (context.refusal !== undefined) {
      await (stream ?? answer.body)?.cancel();
      throw context.refusal;
    }
    // Some requests the SDK refuses before it makes a protocol object.
    if (answer.status >= 400) throw fromProtocol(await errorOf(answer));
    if (stream === undefined || first === undefined) await sendText(answer, response, context);
    else await sendStream(first, stream, response, context);
  };
}

/** What can be said of a message before there is a place for it. Nothing of it is kept here, since it may have to wait. */
function judge(request: ExpressRequest, context: RequestContext): void {
  const body: unknown = request.body;
  // One request, one record, one place in the limits. Batches left the protocol with 2025-06-18.
  if (Array.isArray(body)) throw new ServiceError('batch_not_supported');
  note(context, request, body);
  if (isDeeperThan(body, MAX_DEPTH)) throw new ServiceError('body_too_deep');
  if (!isAnswerable(body)) throw messageNotAccepted(body);
}

/** Whether a legacy request may be answered with more than its result. */
function mayStream(body: unknown, { server }: McpServer): boolean {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { _meta?: unknown } | null };
  if (method !== 'tools/call') return false;
  const { progressToken } = (params?._meta ?? {}) as { progressToken?: unknown };
  return progressToken !== undefined || server.getCapabilities().logging !== undefined;
}

/** The request as the SDK takes it. The body travels parsed. */
function toWebRequest(request: ExpressRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The SDK has no use for the token, so it does not get it.
    if (typeof value === 'string' && name !== 'authorization') headers.set(name, value);
  }
  // The transport checks have looked at it, wildcards included, which the SDK does not read.
  headers.set('accept', 'application/json, text/event-stream');
  return new Request('http://mcp/mcp', { method: 'POST', headers, signal });
}

async function errorOf(answer: Response): Promise<JSONRPCErrorResponse['error']> {
  const { error } = (await answer.json()) as Partial<JSONRPCErrorResponse>;
  return error ?? { code: -32_603, message: `status ${answer.status} without an error` };
}
