import { fromJsonSchema, McpServer, ProtocolError } from '@modelcontextprotocol/server';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import type { Tool } from '../tools/tool.ts';
import type { CallTool } from './call-tool.ts';
import { createToolLists, describeTool, mirrorsArguments } from './tool-lists.ts';

export interface McpServerOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  readonly version: string;
}

/** How long a client may use a list without asking again, in milliseconds. */
export const LIST_TTL_MS = 60_000;

/** Who this server says it is. */
export function identityOf(version: string) {
  return { name: 'hardened-mcp', title: 'Hardened MCP', version };
}

/** Makes the SDK's protocol object of one request, or of one stdio connection. */
export type McpServerFactory = (context: () => RequestContext) => McpServer;

/**
 * The protocol layer over the tool stage. An instance serves one request: sharing one between clients would let
 * answers cross (CVE-2026-25536). What does not change per request, the tool list above all, is built here once.
 */
export function createMcpServerFactory(options: McpServerOptions): McpServerFactory {
  const identity = identityOf(options.version);
  const listFor = createToolLists(options.tools);
  const mirrored = options.tools.map(describeTool).filter(mirrorsArguments);
  return (context) => {
    const server = new McpServer(identity, {
      // The list never changes while the process runs, so there is nothing to notify about.
      capabilities: { tools: { listChanged: false } },
      // What is listed depends on the token, so no shared cache may keep it (MCP 2026-07-28, caching).
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    });
    // The SDK compares `Mcp-Param-*` headers with the arguments of the tools it has by name, and only of those.
    for (const { name, inputSchema } of mirrored) {
      server.registerTool(name, { inputSchema: fromJsonSchema(inputSchema) }, unreachable);
    }
    server.server.setRequestHandler('tools/list', ({ params }) => {
      const current = context();
      if (params?.cursor !== undefined) {
        // Every list is whole, so no cursor can be one that was given out here.
        throw protocolError(
          new ServiceError('params_invalid', { detail: 'there is no page at this cursor' }),
        );
      }
      current.outcome = 'ok';
      return { tools: [...listFor(current.principal?.scopes)] };
    });
    // Ours and not the SDK's, which would send the text of any exception to the client.
    server.server.setRequestHandler('tools/call', async (request, { mcpReq }) => {
      const current = context();
      try {
        return await options.callTool(request.params.name, request.params.arguments, current, mcpReq);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        throw protocolError(error);
      }
    });
    return server;
  };
}

/** As `data`, which reaches the transport as it is, so that nothing of the row is lost on the way. */
function protocolError(error: ServiceError): ProtocolError {
  return new ProtocolError(error.toJSON().code, error.message, error);
}

function unreachable(): never {
  throw new ServiceError('internal_error', { reason: 'a tool was called past the tool stage' });
}
