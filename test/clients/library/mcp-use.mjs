import { MCPClient } from 'mcp-use/client';

/** mcp-use. The application gets the result unchanged. */
export async function connect({ url, token }) {
  const headers = { Authorization: `Bearer ${token}` };
  const client = new MCPClient({ mcpServers: { hardened: { url, headers } } });
  const session = await client.createSession('hardened');
  return {
    list: async () => (await session.listTools()).map(({ name }) => name),
    call: async (name, args) => JSON.stringify(await session.callTool(name, args)),
  };
}
