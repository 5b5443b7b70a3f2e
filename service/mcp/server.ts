import { fromJsonSchema, McpServer, ProtocolError } from '@modelcontextprotocol/server';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import type { Tool } from '../tools/tool.ts';
import type { CallTool } from './call-tool.ts';
import { mirrorsArguments, type ServedTool, served } from './served-tool.ts';
import { createToolLists } from './tool-lists.ts';

export interface McpServerOptions {
  readonly tools: readonly (Tool | ServedTool)[];
  readonly callTool: CallTool;
  readonly version: string;
}

/** How long a client may cache a list, in milliseconds. */
export const LIST_TTL_MS = 60_000;

/** The identity of this server. */
export function identityOf(version: string) {
  return { name: 'hardened-mcp', title: 'Hardened MCP', version };
}

/** Makes the SDK's protocol object of one request, or of one stdio connection. */
export type McpServerFactory = (context: () => RequestContext) => McpServer;

/**
 * The protocol layer over the tool stage. An instance serves one request: sharing one between clients could send a
 * response to the wrong client (CVE-2026-25536). Parts that do not change per request, such as the tool list, are built
 * here once.
 */
export function createMcpServerFactory(options: McpServerOptions): McpServerFactory {
  const identity = identityOf(options.version);
  const tools = options.tools.map((tool) => served(tool));
  const listFor = createToolLists(tools);
  const mirrored = tools.map(({ entry }) => entry).filter(mirrorsArguments);
  return (context) => {
    const server = new McpServer(identity, {
      // The list never changes while the process runs, so there are no notifications.
      capabilities: { tools: { listChanged: false } },
      // The list depends on the token, so shared caches may not store it (MCP 2026-07-28, caching).
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    });
    // The SDK compares `Mcp-Param-*` headers only with arguments of tools that are registered by name.
    for (const { name, inputSchema } of mirrored) {
      server.registerTool(name, { inputSchema: fromJsonSchema(inputSchema) }, unreachable);
    }
    server.server.setRequestHandler('tools/list', ({ params }) => {
      const current = context();
      if (params?.cursor !== undefined) {
        // Every list is complete, so this server never issued a cursor.
        throw protocolError(new ServiceError('params_invalid', { detail: 'the cursor is not valid' }));
      }
      current.outcome = 'ok';
      return { tools: [...listFor(current.principal?.scopes)] };
    });
    // Our own handler: the SDK's would send the text of any exception to the client.
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

/** The error travels as `data`, which reaches the transport unchanged, so that nothing of the row is lost. */
function protocolError(error: ServiceError): ProtocolError {
  return new ProtocolError(error.toJSON().code, error.message, error);
}

function unreachable(): never {
  throw new ServiceError('internal_error', { reason: 'a tool call bypassed the tool stage' });
}
