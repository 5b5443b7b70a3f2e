import { randomUUID } from 'node:crypto';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { ServiceError } from '../errors.ts';
import { createMcpServerFactory } from '../mcp-server.ts';
import { type AuditSink, auditEventOf } from '../pipeline/audit.ts';
import type { CallTool } from '../pipeline/call-tool.ts';
import type { RequestContext } from '../pipeline/context.ts';
import type { Tool } from '../tools/tool.ts';

export interface StdioOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  readonly auditLog: AuditSink;
  readonly version: string;
  /** Resolves when the process is asked to end. */
  readonly stopped: Promise<unknown>;
}

/**
 * Serves one desktop client over standard input and output, which is whoever started the process: it may use every
 * tool, within the same limits, checks and deadlines as over HTTP. Every tool call is recorded.
 *
 * Calls in flight at the end are cancelled, as the protocol's stdio binding has it, and recorded.
 *
 * @returns when the client has closed its end or the process was asked to stop
 */
export async function serveDesktopClient(options: StdioOptions): Promise<void> {
  const principal = { clientId: 'stdio', scopes: new Set(options.tools.flatMap((tool) => tool.scopes)) };
  const ending = new AbortController();
  const begin = (): RequestContext => ({
    requestId: randomUUID(),
    startedAt: performance.now(),
    resultBytes: 0,
    principal,
    signal: ending.signal,
    ended: ending.signal,
  });

  const recorded: CallTool = async (name, input, context, mcpReq) => {
    Object.assign(context, { method: 'tools/call', tool: name, arguments: input });
    if (!options.auditLog.admit()) throw new ServiceError('audit_unavailable');
    try {
      const result = await options.callTool(name, input, context, mcpReq);
      context.resultBytes = Buffer.byteLength(JSON.stringify(result));
      return result;
    } finally {
      options.auditLog.record(auditEventOf(context));
    }
  };
  const createServer = createMcpServerFactory({ ...options, callTool: recorded });
  const closed = new Promise((resolve) => process.stdin.once('close', resolve).once('end', resolve));
  const connection = serveStdio(() => createServer(begin));
  await Promise.race([closed, options.stopped]);
  ending.abort(new ServiceError('shutting_down'));
  await connection.close();
}
