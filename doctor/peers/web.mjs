// node web.mjs LIBRARY PORT: a server with one tool on a library that answers Web requests.
import { serve } from '@hono/node-server';
import { z } from 'zod';

const say = (text) => ({ content: [{ type: 'text', text }] });

const LIBRARIES = {
  async tmcp() {
    const { McpServer } = await import('tmcp');
    const { HttpTransport } = await import('@tmcp/transport-http');
    const server = new McpServer({ name: 'tmcp', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.tool({ name: 'hello', description: 'Says hello' }, async () => say('hello'));
    const transport = new HttpTransport(server, { path: '/mcp' });
    return async (request) => (await transport.respond(request)) ?? new Response(null, { status: 404 });
  },
  async zuplo() {
    const { MCPServer } = await import('@zuplo/mcp/server');
    const { HTTPStreamableTransport } = await import('@zuplo/mcp/transport/httpstreamable');
    const { ZodValidator } = await import('@zuplo/mcp/tools/zod');
    const server = new MCPServer({ name: 'zuplo', version: '1.0.0' });
    server.addTool({
      name: 'add',
      description: 'Adds two numbers',
      validator: new ZodValidator(z.object({ a: z.number(), b: z.number() })),
      handler: async ({ a, b }) => ({ ...say(String(a + b)), isError: false }),
    });
    const transport = new HTTPStreamableTransport();
    await transport.connect();
    server.withTransport(transport);
    return (request) => transport.handleRequest(request);
  },
  async 'mcp-handler'() {
    const { createMcpHandler } = await import('mcp-handler');
    return createMcpHandler((server) => {
      const about = {
        description: 'Says hello',
        inputSchema: z.object({}),
        annotations: { readOnlyHint: true },
      };
      server.registerTool('hello', about, async () => say('hello'));
    });
  },
};

const [library, port] = process.argv.slice(2);
serve({ fetch: await LIBRARIES[library](), port: Number(port), hostname: '127.0.0.1' });
