/** The official v1 SDK in the version whose alias `package` names. The application decides which text a model gets. */
export async function connect(situation) {
  const { Client } = await import(`${situation.package}/client/index.js`);
  const { StreamableHTTPClientTransport } = await import(`${situation.package}/client/streamableHttp.js`);
  return connectWith(
    new Client({ name: 'clients', version: '1.0.0' }),
    StreamableHTTPClientTransport,
    situation,
  );
}

/** The same with a client and a transport of either SDK, which share these methods. */
export async function connectWith(client, Transport, { url, token }) {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new Transport(new URL(url), { requestInit }));
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: args })),
  };
}
