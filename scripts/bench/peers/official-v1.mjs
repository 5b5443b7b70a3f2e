// The official SDK's v1 package, stateless and with JSON responses as in its example, without authentication.
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { started } from '../started.ts';

function createServer() {
  const server = new McpServer({ name: 'hello', version: '1.0.0' });
  server.registerTool(
    'hello',
    { description: 'Greets', inputSchema: { name: z.string() } },
    async ({ name }) => ({ content: [{ type: 'text', text: `Hello ${name}` }] }),
  );
  return server;
}
const app = createMcpExpressApp();
app.post('/mcp', async (request, response) => {
  const server = createServer();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
});
const server = app.listen(0, '127.0.0.1', () => started(server));
