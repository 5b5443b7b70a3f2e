import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** Version 1 of the official SDK with sessions and event streams, and without authentication, like its example. */
export async function startSessionServer(): Promise<{
  url: string;
  sessions(): number;
  opened(): number;
  stop(): void;
}> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  let opened = 0;
  async function open(): Promise<StreamableHTTPServerTransport> {
    const server = new McpServer({ name: 'sessions', version: '1.0.0' });
    server.registerTool('open_page', { inputSchema: { url: z.string() } }, async ({ url }) => ({
      content: [{ type: 'text', text: `opened ${url}` }],
    }));
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        opened += 1;
        transports.set(id, transport);
      },
      onsessionclosed: (id) => void transports.delete(id),
    });
    await server.connect(transport as never);
    return transport;
  }
  const app = createMcpExpressApp();
  app.all('/mcp', async (request, response) => {
    const transport = transports.get(request.get('mcp-session-id') ?? '') ?? (await open());
    await transport.handleRequest(request, response, request.body);
  });
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sessions: () => transports.size,
    opened: () => opened,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
