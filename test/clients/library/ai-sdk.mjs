/** The AI SDK's MCP client. The model reads the output of `toModelOutput`. */
export async function connect({ package: name, url, token }) {
  const { createMCPClient } = await import(name);
  const headers = { Authorization: `Bearer ${token}` };
  const client = await createMCPClient({ transport: { type: 'http', url, headers } });
  const tools = await client.tools();
  return {
    list: async () => Object.keys(tools),
    async call(tool, args) {
      const output = await tools[tool].execute(args, { toolCallId: '1', messages: [] });
      return JSON.stringify(tools[tool].toModelOutput({ toolCallId: '1', input: args, output }));
    },
  };
}
