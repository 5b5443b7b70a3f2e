import {
  classifyInboundRequest,
  createMcpHandler,
  type JSONRPCErrorResponse,
  type McpServer,
  ProtocolError,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { checkCaller } from '../auth/access-list.ts';
import type { Principal } from '../auth/token-verifier.ts';
import { ServiceError } from '../errors.ts';
import { contextOf, type RequestContext } from '../http/context.ts';
import {
  isAnswerable,
  isDeeperThan,
  isHandshake,
  recordClientClaims,
  withoutNulls,
} from '../http/message.ts';
import { isEventStream, sendJson, sendStream, sendText } from '../http/send-response.ts';
import { MAX_DEPTH } from '../json-bounds.ts';
import { field } from '../json-field.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { checkLegacy, checkVersion, type VersionPolicy } from './check-version.ts';
import type { FastPath } from './fast-path.ts';
import { fromProtocol, mapErrors, messageNotAccepted } from './protocol-errors.ts';
import type { McpServerFactory } from './server.ts';

/**
 * Passes the message to the SDK, which handles both eras: 2026-07-28 with its own handler, 2025-11-25 and older with a
 * stateless transport. A new protocol object serves each request, and no state is kept. Responses are JSON unless a
 * notification precedes them.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the two eras share the contexts of their requests
export function protocol(
  createServer: McpServerFactory,
  fastPath: FastPath,
  versions: VersionPolicy,
  limitCalls: (context: RequestContext, request: ExpressRequest) => Promise<void>,
  logger: Logger,
): RequestHandler {
  const contexts = new WeakMap<Request, RequestContext>();

  /** The protocol object of one request. Its errors become the HTTP response. */
  function serverOf(context: RequestContext): McpServer {
    const server = createServer(() => context);
    const connect = server.connect.bind(server);
    server.connect = (transport) =>
      connect(
        mapErrors(transport, (error) => {
          context.refusal = error.forRequest(context.requestId);
          return context.refusal;
        }),
      );
    return server;
  }

  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const context = contexts.get(requestInfo as Request) as RequestContext;
      if (context.method === 'subscriptions/listen') {
        // Nothing changes while the process runs, and the capabilities say so: a subscription would only hold a
        // connection. Refused here because only now has the SDK checked version, headers and envelope.
        context.refusal = new ServiceError('method_unknown', { reason: 'subscriptions/listen' });
      }
      return serverOf(context);
    },
    {
      legacy: 'reject',
      maxSubscriptions: 0,
      onerror(error) {
        // Refusals have their audit record, without the header and argument values that these texts contain.
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
    checkLegacy(versions, request.headers.get('mcp-protocol-version'), body);
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
    checkVersion(versions, request.get('mcp-protocol-version'), request.body);
    await limitCalls(context, request);
    // Again, because the body and the slot may have taken half a minute.
    checkCaller(versions.access, context.principal as Principal);
    const body = withoutNulls(request.body);
    const direct = fastPath(request, body, context);
    if (direct !== undefined) {
      const text = await direct;
      if (!context.ended.aborted) sendJson(text, response, context);
      return;
    }
    // Not context.signal: that also aborts at shutdown, when a response must still be sent.
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
    // The stream exists before the outcome of the call is known. Its status waits for the first message, because a
    // refusal (scope, limit) precedes any progress and has its own status.
    const stream = isEventStream(answer) ? answer.body?.getReader() : undefined;
    const first = await stream?.read();
    if (context.ended.aborted) return;
    if (context.refusal !== undefined) {
      await (stream ?? answer.body)?.cancel();
      throw context.refusal;
    }
    // The SDK refuses some requests before it makes a protocol object.
    if (answer.status >= 400) throw fromProtocol(await errorOf(answer));
    if (stream === undefined || first === undefined) await sendText(answer, response, context);
    else await sendStream(first, stream, response, context);
  };
}

/** Checks a message before it has a slot. Keeps no reference to the body, because the message may have to wait. */
function judge(request: ExpressRequest, context: RequestContext): void {
  const body: unknown = request.body;
  // One request is one record and counts once in the limits. Batches left the protocol with 2025-06-18.
  if (Array.isArray(body)) throw new ServiceError('batch_not_supported');
  recordClientClaims(context, request, body);
  if (isDeeperThan(body, MAX_DEPTH)) throw new ServiceError('body_too_deep');
  if (!isAnswerable(body)) throw messageNotAccepted(body);
}

/** Whether a legacy request may be answered with more than its result. */
function mayStream(body: unknown, { server }: McpServer): boolean {
  if (field(body, 'method') !== 'tools/call') return false;
  const progressToken = field(field(field(body, 'params'), '_meta'), 'progressToken');
  return progressToken !== undefined || server.getCapabilities().logging !== undefined;
}

/** The request in the form that the SDK takes, with the body already parsed. */
function toWebRequest(request: ExpressRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The SDK does not need the token, so it does not get it.
    if (typeof value === 'string' && name !== 'authorization') headers.set(name, value);
  }
  // The transport stage has checked the header, including wildcards, which the SDK does not support.
  headers.set('accept', 'application/json, text/event-stream');
  return new Request('http://mcp/mcp', { method: 'POST', headers, signal });
}

async function errorOf(answer: Response): Promise<JSONRPCErrorResponse['error']> {
  const { error } = (await answer.json()) as Partial<JSONRPCErrorResponse>;
  return error ?? { code: -32_603, message: `status ${answer.status} without an error` };
}
