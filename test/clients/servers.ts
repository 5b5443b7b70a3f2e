import { join } from 'node:path';
import { servedFolder } from '../support/page-tool.ts';
import { type Started, start } from './child.ts';

export const TOKEN = 'clients-token-0123456789-abcdefghijk';
/** Port of the pages. All ports are fixed, because the run has its own network namespace. */
export const PAGES_PORT = 9000;

const START_MS = 30_000;

export const localVariables = (limitPerMinute: number): Record<string, string> => ({
  SCRAPE_LOCAL_ORIGINS: `http://127.0.0.1:${PAGES_PORT}`,
  MCP_TOOL_LIMIT_PER_MINUTE: String(limitPerMinute),
  MCP_CLIENT_LIMIT_PER_MINUTE: '10000',
});

/** Starts the service with `npm start`. @throws Error with its output if it does not listen in time */
export async function startServer(port: number, limitPerMinute: number): Promise<Started> {
  const variables = {
    ...localVariables(limitPerMinute),
    ...{ PORT: String(port), MCP_DEV_TOKEN: TOKEN, MCP_AUTH_FAILURE_LIMIT_PER_MINUTE: '10000' },
  };
  const folder = servedFolder();
  const command = [process.execPath, '--import', 'tsx', join(folder, 'service/main.ts'), 'local'];
  const server = start(command, variables, folder);
  const deadline = Date.now() + START_MS;
  while (!server.output().includes('"event":"listening"')) {
    if (Date.now() > deadline) {
      server.kill();
      throw new Error(`The server did not start:\n${server.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return server;
}
