export interface Announcement {
  readonly url: string;
  /** The bearer token to use. Absent in oauth mode. */
  readonly token?: string;
  /** The issuer of tokens, in oauth mode. */
  readonly issuer?: string;
  /** The hosts that the tools may read pages of. @default - no tool reads pages */
  readonly pages?: { readonly allowedDomains: readonly string[]; readonly localOrigins: readonly string[] };
  /** The MCP server behind this one. @default - none */
  readonly server?: string | undefined;
}

/** The start message for the developer: URL, token, a client configuration, and the hosts that may be scraped. */
export function announce(announcement: Announcement): string {
  const { url, token, issuer, pages, server } = announcement;
  const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
  const client = { type: 'http', url, headers };
  return [
    '',
    `MCP server   ${url}`,
    token === undefined ? `Tokens from  ${issuer}` : `Token        ${token}`,
    ...(server === undefined ? [] : [`In front of  ${server}, with the tools of tools.lock.json`]),
    ...(pages === undefined ? [] : [`May scrape   ${hostsOf(pages)}`]),
    'Audit log    standard output',
    'Stop         Ctrl-C',
    '',
    'Client configuration:',
    JSON.stringify({ mcpServers: { 'hardened-mcp': client } }, null, 2),
    '',
    '',
  ].join('\n');
}

function hostsOf({ allowedDomains, localOrigins }: NonNullable<Announcement['pages']>): string {
  const hosts = allowedDomains.includes('*') ? 'any public host' : allowedDomains.join(', ') || 'no host';
  const exceptions = localOrigins.length === 0 ? '' : ` except ${localOrigins.join(', ')}`;
  return `${hosts}; private addresses are refused${exceptions}`;
}

/** The message for a developer whose server behind this one does not respond yet. */
export function notReached(server = ''): string {
  return `\nThe server at ${server} cannot be reached. Start it: until then calls of its tools fail.\n`;
}
