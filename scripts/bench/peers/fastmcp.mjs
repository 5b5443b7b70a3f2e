// FastMCP (TypeScript), stateless, without authentication.
import { createServer } from 'node:http';
import { FastMCP } from 'fastmcp';
import { z } from 'zod';
import { started } from '../started.ts';

// It needs a port and does not report one, so find a free one first.
const probe = createServer();
await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
const { port } = probe.address();
await new Promise((resolve) => probe.close(resolve));

const server = new FastMCP({ name: 'hello', version: '1.0.0', logger: silent() });
server.addTool({
  name: 'hello',
  description: 'Greets',
  parameters: z.object({ name: z.string() }),
  execute: async ({ name }) => `Hello ${name}`,
});
await server.start({
  transportType: 'httpStream',
  httpStream: { host: '127.0.0.1', port, endpoint: '/mcp', stateless: true, enableJsonResponse: true },
});
started({ address: () => ({ port }) });

function silent() {
  const nothing = () => {};
  return { debug: nothing, error: nothing, info: nothing, log: nothing, warn: nothing };
}
