import { text } from 'node:stream/consumers';
import { connectV1, connectV2, PINNED } from '../../support/sdk-clients.ts';

/**
 * `list-and-call.ts URL`, with the token on standard input: every SDK's client lists and calls the tools. A separate
 * process, because Node reads an authority only when it starts. Prints one line of JSON for each client.
 */
const [, , url = ''] = process.argv;
const token = (await text(process.stdin)).trim();
const CLIENTS = {
  v1: () => connectV1(url, token),
  'v2 by default': () => connectV2(url, token),
  'v2 pinned': () => connectV2(url, token, PINNED),
  'v2 newest first': () => connectV2(url, token, 'auto'),
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  const client = await connect();
  const revision = (client.transport as { protocolVersion?: string } | undefined)?.protocolVersion;
  const { tools } = await client.listTools();
  const result = await client.callTool({
    name: 'fetch_page',
    arguments: { url: 'https://not-allowed.example/' },
  });
  await client.close();
  const said = { name, revision, tools: tools.map((tool) => tool.name), result };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
