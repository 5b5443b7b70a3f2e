import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** The official v2 SDK, which asks for the newest revision first. */
export async function connect({ url, token }) {
  const client = new Client({ name: 'clients', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: args })),
  };
}
