import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { VERSION } from '../../service/version.ts';
import type { DeployedStack } from './deployed-stack.ts';
import { repeat, type Time } from './time.ts';

/** A new token works within 5 seconds, but the web ACL may refuse this address for five minutes after the doctor. */
const PATIENCE = { everyMs: 10_000, forMs: 6 * 60_000 };

/** @throws if the stack has no such output */
export function urlOf({ outputs }: DeployedStack): URL {
  if (outputs['Url'] === undefined) throw new Error('the stack has no output Url');
  return new URL(outputs['Url']);
}

/** Connects to the public URL as a client does, and lists its tools. Tries again for six minutes. */
export async function listTools(time: Time, url: URL, token: string): Promise<readonly string[]> {
  const attempt = () =>
    withClient(url, token, async (client) => (await client.listTools()).tools.map(({ name }) => name)).catch(
      (error: Error) => error,
    );
  const result = await repeat(time, PATIENCE, attempt, (one) => !(one instanceof Error));
  if (result instanceof Error) throw result;
  return result;
}

/** @returns whether the tool succeeded */
export async function callTool(url: URL, token: string, name: string, input: object): Promise<boolean> {
  return withClient(url, token, async (client) => {
    const { isError } = await client.callTool({ name, arguments: { ...input } });
    return isError !== true;
  });
}

async function withClient<Result>(
  url: URL,
  token: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(
    { name: 'hardened-mcp-acceptance', version: VERSION },
    { versionNegotiation: { mode: 'auto' } },
  );
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
