import { MCPClient } from '@mastra/mcp';

/** Mastra. The model reads what a tool's `execute` returns. */
export async function connect({ url, token }) {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = new MCPClient({ servers: { hardened: { url: new URL(url), requestInit } } });
  const tools = await client.getTools();
  return {
    list: async () => Object.keys(tools).map((name) => name.replace(/^hardened_/, '')),
    call: async (name, args) => JSON.stringify(await tools[`hardened_${name}`].execute({ context: args })),
  };
}
