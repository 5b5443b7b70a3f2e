import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { isJSONRPCRequest } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { LRUCache } from 'lru-cache';
import { ServiceError } from '../errors.ts';
import { type AuditSink, auditEventOf } from '../http/audit.ts';
import { type RequestContext, recordError } from '../http/context.ts';
import type { CallTool } from '../mcp/call-tool.ts';
import type { GetPrompt, ServedPrompt } from '../mcp/get-prompt.ts';
import type { ProtocolRequest } from '../mcp/guard.ts';
import { mapErrors } from '../mcp/protocol-errors.ts';
import type { ReadResource, ServedResource } from '../mcp/read-resource.ts';
import type { ServedTool } from '../mcp/served-tool.ts';
import { createMcpServerFactory } from '../mcp/server.ts';
import type { Tool } from '../tools/tool.ts';
import { parseTraceparent } from '../trace.ts';
import { lineTooLong } from './line-bound.ts';
import { dropNullsOfLines } from './line-nulls.ts';

export interface StdioOptions {
  readonly tools: readonly (Tool | ServedTool)[];
  readonly callTool: CallTool;
  readonly resources?: readonly ServedResource[];
  readonly readResource?: ReadResource;
  readonly prompts?: readonly ServedPrompt[];
  readonly getPrompt?: GetPrompt;
  readonly auditLog: AuditSink;
  readonly version: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<unknown>;
}

/** Pending requests whose method is remembered for the record of a refusal. */
const MAX_UNANSWERED = 1000;

/**
 * Serves one desktop client over standard input and output. The client is the user who started the process: it may use
 * everything, within the same limits, checks and deadlines as over HTTP. Every call and every refusal is recorded.
 * Calls in flight at the end are cancelled, as the protocol's stdio binding requires, and recorded.
 *
 * @returns when the client has closed its end, has sent a line without an end, or the process was asked to stop
 */
export async function serveDesktopClient(options: StdioOptions): Promise<void> {
  const { tools, resources = [], prompts = [] } = options;
  const scopes = new Set([...tools, ...resources, ...prompts].flatMap((each) => each.scopes));
  const principal = { clientId: 'stdio', scopes };
  const ending = new AbortController();
  const begin = (): RequestContext => ({
    requestId: randomUUID(),
    startedAt: performance.now(),
    resultBytes: 0,
    principal,
    signal: ending.signal,
    ended: ending.signal,
  });

  /** Does the work with a record of it. */
  async function recorded<Result>(
    context: RequestContext,
    claims: Partial<RequestContext>,
    mcpReq: ProtocolRequest | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    Object.assign(context, claims, { trace: parseTraceparent(mcpReq?._meta?.['traceparent']) });
    if (!options.auditLog.admit()) throw new ServiceError('audit_unavailable');
    try {
      const result = await work();
      context.resultBytes = Buffer.byteLength(JSON.stringify(result));
      return result;
    } finally {
      options.auditLog.record(auditEventOf(context));
    }
  }
  const createServer = createMcpServerFactory({ ...options, ...recordedStages(options, recorded) });
  const methods = new LRUCache<string | number, string>({ max: MAX_UNANSWERED });
  const refuse = (error: ServiceError, id?: string | number): ServiceError => {
    if (!options.auditLog.admit()) return new ServiceError('audit_unavailable');
    const context: RequestContext = { ...begin(), method: id === undefined ? undefined : methods.get(id) };
    recordError(context, error);
    options.auditLog.record(auditEventOf(context));
    return error.forRequest(context.requestId);
  };
  const transport = mapErrors(
    new StdioServerTransport(options.input.pipe(dropNullsOfLines()), options.output),
    // The tool stage has recorded its own.
    (error, { id, error: { data } }) => (data instanceof ServiceError ? error : refuse(error, id)),
  );
  const closed = new Promise((resolve) => options.input.once('close', resolve).once('end', resolve));
  const connection = serveStdio(() => createServer(begin), { transport });
  const tooLong = lineTooLong(options.input);
  const receive = transport.onmessage;
  transport.onmessage = (message) => {
    if (isJSONRPCRequest(message)) methods.set(message.id, message.method);
    receive?.(message);
  };
  const end = await Promise.race([closed, options.stopped, tooLong]);
  // The start of the next message is unknown, so this ends the connection.
  if (end instanceof ServiceError) {
    const error = refuse(end).toJSON();
    options.output.write(`${JSON.stringify({ jsonrpc: '2.0', id: null, error })}\n`);
  }
  ending.abort(new ServiceError('shutting_down'));
  await connection.close();
}

type Recorded = <Result>(
  context: RequestContext,
  claims: Partial<RequestContext>,
  mcpReq: ProtocolRequest | undefined,
  work: () => Promise<Result>,
) => Promise<Result>;

/** The stages, each with the claims that its record has. */
function recordedStages({ callTool, readResource, getPrompt }: StdioOptions, recorded: Recorded) {
  const call: CallTool = (name, input, context, mcpReq) =>
    recorded(context, { method: 'tools/call', tool: name, arguments: input }, mcpReq, () =>
      callTool(name, input, context, mcpReq),
    );
  const read: ReadResource | undefined =
    readResource &&
    ((uri, context, mcpReq) =>
      recorded(context, { method: 'resources/read', resource: uri }, mcpReq, () =>
        readResource(uri, context, mcpReq),
      ));
  const get: GetPrompt | undefined =
    getPrompt &&
    ((name, given, context, mcpReq) =>
      recorded(context, { method: 'prompts/get', prompt: name, arguments: given }, mcpReq, () =>
        getPrompt(name, given, context, mcpReq),
      ));
  return { callTool: call, readResource: read, getPrompt: get };
}
