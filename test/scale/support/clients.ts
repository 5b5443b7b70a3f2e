import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { TOKEN } from '../../faults/support/server.ts';

const identity = { name: 'scale', version: '1.0.0' };
const options = { requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } } };
const PAGE = { name: 'scrape_url', arguments: { url: 'http://page.example.com/' } };

/** Results of one client: complete rounds of connecting, listing and calling, and errors in others. */
export interface Rounds {
  whole: number;
  readonly broken: string[];
}

async function old(url: string) {
  const client = new OldClient(identity);
  await client.connect(new OldTransport(new URL(url), options) as never);
  return client;
}

async function modern(url: string) {
  const client = new ModernClient(identity, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(url), options));
  return client;
}

/** A client of each SDK generation that makes rounds until told to stop: every step may reach another process. */
export const ERAS = { '2025-11-25': old, '2026-07-28': modern };

export async function goRound(
  connect: (url: string) => ReturnType<typeof old> | ReturnType<typeof modern>,
  url: string,
  goesOn: () => boolean,
): Promise<Rounds> {
  const rounds: Rounds = { whole: 0, broken: [] };
  while (goesOn()) {
    try {
      const client = await connect(url);
      const { tools } = await client.listTools();
      const { isError, content } = await client.callTool(PAGE);
      await client.close();
      if (tools.length === 0 || isError) throw new Error(`answered with ${JSON.stringify(content)}`);
      rounds.whole += 1;
    } catch (error) {
      rounds.broken.push((error as Error).message);
    }
  }
  return rounds;
}
