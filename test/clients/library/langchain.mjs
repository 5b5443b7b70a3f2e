import { MultiServerMCPClient } from '@langchain/mcp-adapters';

/** LangChain JS. The model reads the content of the tool message. */
export async function connect({ url, token }) {
  const headers = { Authorization: `Bearer ${token}` };
  const client = new MultiServerMCPClient({ mcpServers: { hardened: { transport: 'http', url, headers } } });
  const tools = await client.getTools();
  return {
    list: async () => tools.map(({ name }) => name),
    async call(name, args) {
      const tool = tools.find((each) => each.name === name);
      const { content } = await tool.invoke({ type: 'tool_call', id: '1', name, args });
      return typeof content === 'string' ? content : JSON.stringify(content);
    },
  };
}
