import { fromJsonSchema, McpServer, ProtocolError } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ServiceError } from './errors.ts';
import type { CallTool } from './pipeline/call-tool.ts';
import type { RequestContext } from './pipeline/context.ts';
import type { Tool } from './tools/tool.ts';

export interface McpServerOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  readonly version: string;
}

/** Makes the SDK's protocol object of one request, or of one stdio connection. */
export type McpServerFactory = (context: () => RequestContext) => McpServer;

/**
 * The protocol layer over the tool stage. An instance serves one request: sharing one between clients would let
 * answers cross (CVE-2026-25536). What does not change per request, the tool list above all, is built here once.
 */
export function createMcpServerFactory(options: McpServerOptions): McpServerFactory {
  const identity = { name: 'hardened-mcp', title: 'Hardened MCP', version: options.version };
  const tools = options.tools.map(describe);
  const mirrored = tools.filter(({ inputSchema }) => JSON.stringify(inputSchema).includes('"x-mcp-header":'));
  return (context) => {
    // The list never changes while the process runs, so there is nothing to notify about.
    const server = new McpServer(identity, { capabilities: { tools: { listChanged: false } } });
    // The SDK compares `Mcp-Param-*` headers with the arguments of the tools it has by name, and only of those.
    for (const { name, inputSchema } of mirrored) {
      server.registerTool(name, { inputSchema: fromJsonSchema(inputSchema) }, unreachable);
    }
    server.server.setRequestHandler('tools/list', () => {
      context().outcome = 'ok';
      return { tools };
    });
    // Ours and not the SDK's, which would send the text of any exception to the client.
    server.server.setRequestHandler('tools/call', async (request, { mcpReq }) => {
      const current = context();
      try {
        return await options.callTool(request.params.name, request.params.arguments, current, mcpReq);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (error.row.status !== 200) current.refusal = error;
        throw new ProtocolError(error.row.jsonRpcCode ?? -32_603, error.message);
      }
    });
    return server;
  };
}

function unreachable(): never {
  throw new ServiceError('internal_error', { reason: 'a tool was called past the tool stage' });
}

/** A tool as `tools/list` shows it. */
function describe(tool: Tool) {
  const schema = (type: z.ZodType, io: 'input' | 'output') =>
    z.toJSONSchema(type, { io }) as { type: 'object'; [key: string]: unknown };
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: schema(tool.input, 'input'),
    outputSchema: schema(tool.output, 'output'),
    annotations: { readOnlyHint: true, openWorldHint: true },
  };
}
