import { text } from 'node:stream/consumers';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/**
 * `list-and-call.ts URL`, with the token on standard input: every SDK's client lists and calls the tools. A separate
 * process, because Node reads an authority only when it starts. Prints one line of JSON for each client.
 */
const [, , url = ''] = process.argv;
const token = (await text(process.stdin)).trim();
const identity = { name: 'edge', version: '1.0.0' };
const options = { requestInit: { headers: { Authorization: `Bearer ${token}` } } };

async function old() {
  const client = new OldClient(identity);
  const transport = new OldTransport(new URL(url), options);
  await client.connect(transport as never);
  return { client, revision: transport.protocolVersion };
}

async function modern(mode?: 'auto' | { pin: string }) {
  const client = new ModernClient(identity, mode === undefined ? {} : { versionNegotiation: { mode } });
  await client.connect(new ModernTransport(new URL(url), options));
  return { client, revision: client.getNegotiatedProtocolVersion() };
}

const CLIENTS = {
  v1: () => old(),
  'v2 by default': () => modern(),
  'v2 pinned': () => modern({ pin: '2026-07-28' }),
  'v2 newest first': () => modern('auto'),
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  const { client, revision } = await connect();
  const { tools } = await client.listTools();
  const result = await client.callTool({
    name: 'scrape_url',
    arguments: { url: 'https://not-allowed.example/' },
  });
  await client.close();
  const said = { name, revision, tools: tools.map((tool) => tool.name), result };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
