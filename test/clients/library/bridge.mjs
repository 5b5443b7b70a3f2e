// A program that speaks MCP on standard input and output, started as a desktop client starts it: the official v1 client
// over a pipe.
import { Client } from 'mcp-sdk-1-29/client/index.js';
import { StdioClientTransport } from 'mcp-sdk-1-29/client/stdio.js';

export async function connect({ command, args, variables, environment }) {
  const client = new Client({ name: 'clients', version: '1.0.0' });
  const env = { ...environment, ...variables };
  await client.connect(new StdioClientTransport({ command, args, env, stderr: 'inherit' }));
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, input) => JSON.stringify(await client.callTool({ name, arguments: input })),
  };
}
