import { TOKEN } from '../../faults/support/server.ts';
import { connectV1, connectV2, PINNED } from '../../support/sdk-clients.ts';

const PAGE = { name: 'fetch_page', arguments: { url: 'http://page.example.com/' } };

/** Results of one client: complete rounds of connecting, listing and calling, and errors in others. */
export interface Rounds {
  whole: number;
  readonly broken: string[];
}

/** A client of each SDK generation that makes rounds until told to stop: every step may reach another process. */
export const ERAS = {
  '2025-11-25': (url: string) => connectV1(url, TOKEN),
  '2026-07-28': (url: string) => connectV2(url, TOKEN, PINNED),
};

export async function goRound(
  connect: (typeof ERAS)[keyof typeof ERAS],
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
