import { text } from 'node:stream/consumers';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { VERSION } from '../service/version.ts';
import { readArguments } from './arguments.ts';
import { toolArguments } from './tool-arguments.ts';

const USAGE = `usage: npm run -s call -- --token TOKEN|- [--url URL] [TOOL [name=text …] [name:=JSON …]]
Calls one tool of a running server, as an MCP client would, and prints the result. Without TOOL it lists the tools.
  --token  the bearer token; - reads the first line of standard input, which hides it from process lists and the shell history
  --url    the server's endpoint. Default http://127.0.0.1:8080/mcp
Exits 1 when the call fails or is refused.`;

const { given, url, name, input } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: { token: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080/mcp' } },
  },
  ({ values, positionals: [name, ...rest] }) => {
    if (values.token === undefined) throw new Error('--token is required');
    return { given: values.token, url: new URL(values.url), name, input: toolArguments(rest) };
  },
);

/** Untrusted text without terminal controls and characters that change the text direction. */
function shown(text: string): string {
  return `${text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}]/gu, '')}\n`;
}

/** Explains a failed call. For a failed connection, only the last cause names the reason. */
function explain(error: unknown): string {
  let last = error as { message?: unknown; code?: unknown; cause?: unknown };
  while (last.cause instanceof Error) last = last.cause;
  if (last.code === 'ECONNREFUSED')
    return `connection refused by ${url} (ECONNREFUSED): is npm start running?`;
  const { message = error } = last;
  return last === error ? String(message) : `no response from ${url}: ${message}`;
}

async function main(): Promise<boolean> {
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
      for (const tool of tools)
        process.stdout.write(shown([tool.name, tool.description].filter(Boolean).join(': ')));
      return true;
    }
    const result = await client.callTool({ name, arguments: input });
    for (const part of result.content)
      process.stdout.write(shown(part.type === 'text' ? part.text : part.type));
    return result.isError !== true;
  } finally {
    await client.close();
  }
}

main().then(
  (succeeded) => process.exit(succeeded ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(shown(explain(error)));
    process.exit(1);
  },
);
