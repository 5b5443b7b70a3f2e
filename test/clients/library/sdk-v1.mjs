// The official v1 SDK in the version whose alias `package` names. What a model is shown is up to the application.
export async function connect({ package: name, url, token }) {
  const { Client } = await import(`${name}/client/index.js`);
  const { StreamableHTTPClientTransport } = await import(`${name}/client/streamableHttp.js`);
  const client = new Client({ name: 'clients', version: '1.0.0' });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return {
    list: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (tool, args) => JSON.stringify(await client.callTool({ name: tool, arguments: args })),
  };
}
