// A server on FastMCP for TypeScript with one tool.
import { FastMCP } from 'fastmcp';

const server = new FastMCP({ name: 'fastmcp', version: '1.0.0' });
server.addTool({
  name: 'hello',
  description: 'Says hello',
  annotations: { readOnlyHint: true },
  execute: async () => 'hello',
});
await server.start({
  transportType: 'httpStream',
  httpStream: { host: '127.0.0.1', port: Number(process.argv[2]), endpoint: '/mcp' },
});
