import { parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { VERSION } from '../service/version.ts';

/**
 * `npm run call -- --token TOKEN [--url URL] TOOL [argument=value …]`: calls one tool of a running server as any MCP
 * client would and prints what it answers. Without a tool it lists them. Exits 1 when the call fails or is refused.
 */
const USAGE =
  'usage: npm run call -- --token TOKEN [--url http://127.0.0.1:8080/mcp] [TOOL [argument=value …]]';

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { token: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080/mcp' } },
  });
  const [name, ...rest] = positionals;
  const bad = rest.find((argument) => !/^\w+=/.test(argument));
  if (values.token === undefined) throw new Error(`--token is required\n${USAGE}`);
  if (bad !== undefined)
    throw new Error(`an argument must be name=value, got ${JSON.stringify(bad)}\n${USAGE}`);

  const client = new Client(
    { name: 'hardened-mcp-call', version: VERSION },
    { versionNegotiation: { mode: 'auto' } },
  );
  const requestInit = { headers: { Authorization: `Bearer ${values.token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(values.url), { requestInit }));
  try {
    if (name === undefined) {
      const { tools } = await client.listTools();
      for (const tool of tools) process.stdout.write(`${tool.name}: ${tool.description}\n`);
      return true;
    }
    const input = Object.fromEntries(rest.map((argument) => argument.split(/=(.*)/s, 2)));
    const result = await client.callTool({ name, arguments: input });
    for (const part of result.content)
      process.stdout.write(`${part.type === 'text' ? part.text : part.type}\n`);
    return result.isError !== true;
  } finally {
    await client.close();
  }
}

main().then(
  (succeeded) => process.exit(succeeded ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
