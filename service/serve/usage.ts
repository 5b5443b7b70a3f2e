/** The text of `--help`. */
export const USAGE = `usage: npm start        serves MCP over HTTP on this machine and prints its URL, a token and a client configuration
       npm run dev      the same, and restarts when a source file changes
       npm run stdio    serves one desktop client over standard input and output
The most useful variables; service/environment.ts has all, with their bounds and defaults:
  PORT                    port to listen on. Default 8080
  MCP_DEV_TOKEN           the token. Default a random one
  SCRAPE_ALLOWED_DOMAINS  hosts that may be scraped. Default *, any public host
  MCP_SERVER_URL          an MCP server on this machine to serve instead, with the tools of tools.lock.json
  SCRAPE_LOCAL_ORIGINS    private origins that may be scraped as well, such as http://127.0.0.1:9000
`;

/** Explains a listen error and how to avoid it. @returns undefined for an error of another kind */
export function explainListenError(error: unknown): string | undefined {
  const { code, address, port } = error as { code?: unknown; address?: string; port?: number };
  const way = `with another one: PORT=${port === 8081 ? 8082 : 8081} npm start`;
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${address} is in use by another program (${code}). Stop that one, or start ${way}`;
  if (code === 'EACCES') return `Port ${port} of ${address} requires privileges (${code}). Start ${way}`;
  return undefined;
}
