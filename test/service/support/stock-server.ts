import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { z } from 'zod';

/** Express app, authentication and protocol from the SDKs' own helpers, for comparison with this service. */
export async function startStockServer(): Promise<{ url: string; stop(): void }> {
  const { requireBearerAuth } = await import(
    '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
  );
  const { mcpAuthMetadataRouter } = await import('@modelcontextprotocol/sdk/server/auth/router.js');
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'stock', version: '1.0.0' });
    server.registerTool('fails', { inputSchema: z.object({}) }, () => {
      throw new Error('postgres://admin:hunter2@10.0.0.5/db refused the connection');
    });
    const template = new ResourceTemplate('x://{+a}/{+b}/end', { list: undefined });
    server.registerResource('template', template, {}, () => ({ contents: [] }));
    return server;
  });
  const serve: RequestHandler = async (request: ExpressRequest, response) => {
    const headers = new Headers(request.headers as Record<string, string>);
    headers.delete('content-length');
    const answer = await handler.fetch(new Request('http://stock/mcp', { method: 'POST', headers }), {
      parsedBody: request.body,
    });
    response.status(answer.status);
    response.type(answer.headers.get('content-type') ?? '');
    const first = await answer.body?.getReader().read();
    response.send(Buffer.from(first?.value ?? '').toString());
  };
  const verifier = {
    verifyAccessToken: async (token: string) => ({ token, clientId: 'stock', scopes: [], expiresAt: 4e9 }),
  };
  const app = createMcpExpressApp({ host: '0.0.0.0', allowedHosts: ['127.0.0.1'] });
  const issuer = 'https://issuer.example.com/';
  const endpoint = `${issuer}endpoint`;
  app.use(
    mcpAuthMetadataRouter({
      resourceServerUrl: new URL('https://mcp.example.com/mcp'),
      oauthMetadata: {
        ...{ issuer, authorization_endpoint: endpoint, token_endpoint: endpoint },
        response_types_supported: ['code'],
      },
    }),
  );
  app.post('/mcp', requireBearerAuth({ verifier }), serve as never);
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
