// The official SDK's v2 packages as in their documentation, without authentication.
import { createMcpExpressApp } from '@modelcontextprotocol/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { started } from '../started.ts';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'hello', version: '1.0.0' });
  server.registerTool(
    'hello',
    { description: 'Greets', inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => ({ content: [{ type: 'text', text: `Hello ${name}` }] }),
  );
  return server;
});
const serve = toNodeHandler(handler);
const app = createMcpExpressApp();
app.all('/mcp', (request, response) => void serve(request, response, request.body));
const server = app.listen(0, '127.0.0.1', () => started(server));
