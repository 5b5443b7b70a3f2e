import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { VERSION } from '../service/version.ts';
import { toolArguments } from './tool-arguments.ts';

/**
 * `npm run call -- --token TOKEN [--url URL] TOOL [name=text …] [name:=JSON …]`: calls one tool of a running server as
 * any MCP client would and prints what it answers. Without a tool it lists them. With `--token -` the token is the first
 * line of standard input, where no process list and no shell history shows it. Exits 1 when the call fails or is refused.
 */
const USAGE =
  'usage: npm run call -- --token TOKEN|- [--url http://127.0.0.1:8080/mcp] [TOOL [name=text …] [name:=JSON …]]';

function readCommand() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { token: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080/mcp' } },
    });
    const [name, ...rest] = positionals;
    if (values.token === undefined) throw new Error('--token is required');
    return { token: values.token, url: new URL(values.url), name, input: toolArguments(rest) };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

async function main(): Promise<boolean> {
  const { token: given, url, name, input } = readCommand();
  const token = given === '-' ? (await text(process.stdin)).split('\n', 1)[0]?.trim() : given;

  const client = new Client(
    { name: 'hardened-mcp-call', version: VERSION },
    { versionNegotiation: { mode: 'auto' } },
  );
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  try {
    if (name === undefined) {
      const { tools } = await client.listTools();
      for (const tool of tools) process.stdout.write(`${tool.name}: ${tool.description}\n`);
      return true;
    }
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
