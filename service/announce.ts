export interface Announcement {
  readonly url: string;
  readonly token: string;
  readonly allowedDomains: readonly string[];
  readonly localOrigins: readonly string[];
}

/** What `npm start` tells the developer: where, with which token, how to connect a client, and what may be scraped. */
export function announce({ url, token, allowedDomains, localOrigins }: Announcement): string {
  const client = { type: 'http', url, headers: { Authorization: `Bearer ${token}` } };
  const hosts = allowedDomains.includes('*') ? 'any public host' : allowedDomains.join(', ') || 'no host';
  const exceptions = localOrigins.length === 0 ? '' : ` except ${localOrigins.join(', ')}`;
  return [
    '',
    `MCP server   ${url}`,
    `Token        ${token}`,
    `May scrape   ${hosts}; private addresses are refused${exceptions}`,
    'Audit log    standard output',
    'Stop         Ctrl-C',
    '',
    'Client configuration:',
    JSON.stringify({ mcpServers: { 'hardened-mcp': client } }, null, 2),
    '',
    '',
  ].join('\n');
}
