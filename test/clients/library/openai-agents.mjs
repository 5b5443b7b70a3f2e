import { getAllMcpTools, MCPServerStreamableHttp, RunContext } from '@openai/agents';

/** OpenAI Agents. The model reads what the function tool returns, its error function included. */
export async function connect({ url, token }) {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const server = new MCPServerStreamableHttp({ name: 'hardened', url, requestInit });
  await server.connect();
  const tools = await getAllMcpTools([server]);
  return {
    list: async () => tools.map(({ name }) => name),
    async call(name, args) {
      const tool = tools.find((each) => each.name === name);
      const output = await tool.invoke(new RunContext({}), JSON.stringify(args));
      return typeof output === 'string' ? output : JSON.stringify(output);
    },
  };
}
