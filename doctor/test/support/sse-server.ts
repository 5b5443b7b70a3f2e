import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import express from 'express';

/** Version 1 of the official SDK with the deprecated HTTP+SSE transport. */
export async function startSseServer(token?: string): Promise<{ url: string; stop(): void }> {
  const transports = new Map<string, SSEServerTransport>();
  const app = express();
  app.use((request, response, next) => {
    const isOpen = token === undefined || request.get('authorization') === `Bearer ${token}`;
    if (isOpen) next();
    else response.status(401).set('WWW-Authenticate', 'Bearer').json({});
  });
  app.get('/sse', async (_request, response) => {
    const server = new McpServer({ name: 'old', version: '1.0.0' });
    server.registerTool('hello', {}, async () => ({ content: [{ type: 'text', text: 'hello' }] }));
    const transport = new SSEServerTransport('/messages', response);
    transports.set(transport.sessionId, transport);
    response.on('close', () => transports.delete(transport.sessionId));
    await server.connect(transport as never);
  });
  app.post('/messages', async (request, response) => {
    const transport = transports.get(String(request.query['sessionId']));
    if (transport === undefined) response.status(404).end();
    else await transport.handlePostMessage(request, response);
  });
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
