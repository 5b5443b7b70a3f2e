import { join } from 'node:path';

/** A server that this project did not write. */
export interface Peer {
  readonly name: string;
  /** The package, as package.json names it. */
  readonly from: string;
  /** Arguments of Node.js. The first is a path in node_modules, or in this folder. */
  readonly start: (port: number, folder: string) => readonly string[];
  readonly variables?: (port: number) => Readonly<Record<string, string>>;
  /** @default - the port that it is given */
  readonly port?: number;
  /** A name of this machine that the server accepts. @default '127.0.0.1' */
  readonly host?: string;
  readonly token?: string;
  /** Whether the judge was written before this server was chosen. @default false */
  readonly isHoldOut?: true;
}

export const HERE = import.meta.dirname;
const TOKEN = 'peer-token-0123456789-abcdefghijk';
const sdk = (file: string) => `@modelcontextprotocol/sdk/dist/esm/examples/server/${file}.js`;
const installed = (path: string) => join(HERE, 'node_modules', path);
const portOnly = (port: number) => ({ PORT: String(port) });

/** A server of an example in the official SDK. Most listen on port 3000. */
const example = (name: string, file: string, more: Partial<Peer> = {}): Peer => ({
  ...{ name, from: '@modelcontextprotocol/sdk', start: () => [sdk(file)], port: 3000 },
  ...more,
});
const appServer = (name: string): Peer => ({
  ...{ name: `MCP Apps: ${name}`, from: `@modelcontextprotocol/server-${name}`, variables: portOnly },
  start: () => [`@modelcontextprotocol/server-${name}/dist/index.js`],
});

const HOLD_OUT: readonly Peer[] = [
  {
    ...{ name: 'n8n', from: 'n8n-mcp', token: TOKEN, start: () => ['n8n-mcp/dist/mcp/index.js'] },
    variables: (port) => ({
      ...{ MCP_MODE: 'http', AUTH_TOKEN: TOKEN, HOST: '127.0.0.1', N8N_MCP_TELEMETRY_DISABLED: 'true' },
      // By default 20 requests in 15 minutes.
      ...{ PORT: String(port), AUTH_RATE_LIMIT_MAX: '100000' },
    }),
  },
  {
    ...{ name: 'GitLab', from: '@zereight/mcp-gitlab', token: TOKEN },
    start: () => ['@zereight/mcp-gitlab/build/index.js'],
    variables: (port) => ({
      ...{ STREAMABLE_HTTP: 'true', STREAMABLE_HTTP_AUTH_TOKEN: TOKEN, HOST: '127.0.0.1' },
      ...{ PORT: String(port), GITLAB_PERSONAL_ACCESS_TOKEN: 'none' },
    }),
  },
  {
    ...{ name: 'Code Runner', from: 'mcp-server-code-runner' },
    start: (port) => ['mcp-server-code-runner/dist/cli.js', '--transport', 'http', '--port', String(port)],
  },
  {
    ...{ name: 'Commands', from: '@agent-infra/mcp-server-commands' },
    start: (port) => ['@agent-infra/mcp-server-commands/dist/index.cjs', '--port', String(port)],
  },
  {
    ...{ name: 'Lark', from: '@larksuiteoapi/lark-mcp', host: 'localhost' },
    start: (port) => [
      ...['@larksuiteoapi/lark-mcp/dist/cli.js', 'mcp', '-a', 'cli_none', '-s', 'none'],
      ...['-m', 'streamable', '-p', String(port)],
    ],
  },
  {
    ...{ name: 'Boilerplate', from: '@aashari/boilerplate-mcp-server' },
    start: () => ['@aashari/boilerplate-mcp-server/dist/index.js'],
    variables: (port) => ({ TRANSPORT_MODE: 'http', PORT: String(port) }),
  },
  {
    ...{
      name: 'Git',
      from: '@cyanheads/git-mcp-server',
      start: () => ['@cyanheads/git-mcp-server/dist/index.js'],
    },
    variables: (port) => ({
      ...{ MCP_TRANSPORT_TYPE: 'http', MCP_HTTP_PORT: String(port), MCP_HTTP_HOST: '127.0.0.1' },
    }),
  },
  {
    ...{ name: 'OpenAPI', from: '@ivotoby/openapi-mcp-server' },
    start: (port) => [
      ...['@ivotoby/openapi-mcp-server/bin/mcp-server.js', '--transport', 'http', '--port', String(port)],
      ...['--api-base-url', 'http://127.0.0.1:9/', '--openapi-spec', join(HERE, 'openapi.json')],
    ],
  },
  {
    ...{
      name: 'Firecrawl',
      from: 'firecrawl-mcp',
      host: 'localhost',
      start: () => ['firecrawl-mcp/dist/index.js'],
    },
    variables: (port) => ({
      ...{ HTTP_STREAMABLE_SERVER: 'true', FIRECRAWL_API_KEY: 'fc-none', PORT: String(port) },
    }),
  },
  ...(
    [
      ['TMCP', '@tmcp/transport-http', 'tmcp'],
      ['Zuplo', '@zuplo/mcp', 'zuplo'],
      ['mcp-handler', 'mcp-handler', 'mcp-handler'],
    ] as const
  ).map(([name, from, library]) => ({
    ...{ name, from, start: (port: number) => ['./web.mjs', library, String(port)] },
  })),
];

export const PEERS: readonly Peer[] = [
  example('SDK example: sessions', 'simpleStreamableHttp', {
    port: 3001,
    variables: () => ({ MCP_PORT: '3001' }),
  }),
  example('SDK example: OAuth', 'simpleStreamableHttp', {
    start: () => [sdk('simpleStreamableHttp'), '--oauth', '--oauth-strict'],
    ...{ port: 3002, variables: () => ({ MCP_PORT: '3002', MCP_AUTH_PORT: '3003' }) },
  }),
  example('SDK example: without sessions', 'simpleStatelessStreamableHttp'),
  example('SDK example: JSON responses', 'jsonResponseStreamableHttp'),
  example('SDK example: Hono', 'honoWebStandardStreamableHttp'),
  example('SDK example: both transports', 'sseAndStreamableHttpCompatibleServer'),
  {
    ...{ name: 'everything', from: '@modelcontextprotocol/server-everything', variables: portOnly },
    start: () => ['@modelcontextprotocol/server-everything/dist/index.js', 'streamableHttp'],
  },
  {
    ...{ name: 'filesystem behind supergateway', from: 'supergateway' },
    start: (port, folder) => [
      'supergateway/dist/index.js',
      ...['--outputTransport', 'streamableHttp', '--port', String(port), '--stateful', '--stdio'],
      `${process.execPath} ${installed('@modelcontextprotocol/server-filesystem/dist/index.js')} ${folder}`,
    ],
  },
  {
    ...{ name: 'memory behind mcp-proxy', from: 'mcp-proxy' },
    start: (port) => [
      ...['mcp-proxy/dist/bin/mcp-proxy.mjs', '--port', String(port), '--'],
      ...[process.execPath, installed('@modelcontextprotocol/server-memory/dist/index.js')],
    ],
  },
  ...['basic-vanillajs', 'pdf', 'system-monitor'].map(appServer),
  {
    ...{ name: 'Notion', from: '@notionhq/notion-mcp-server', token: TOKEN },
    start: (port) => [
      '@notionhq/notion-mcp-server/bin/cli.mjs',
      ...['--transport', 'http', '--port', String(port), '--auth-token', TOKEN],
    ],
    variables: () => ({ NOTION_TOKEN: 'ntn_none' }),
  },
  {
    ...{ name: 'Playwright', from: '@playwright/mcp', host: 'localhost' },
    start: (port) => ['@playwright/mcp/cli.js', '--host', 'localhost', '--port', String(port)],
  },
  {
    ...{ name: 'Microsoft 365', from: '@softeria/ms-365-mcp-server' },
    start: (port) => ['@softeria/ms-365-mcp-server/dist/index.js', '--http', String(port)],
  },
  {
    ...{ name: 'Context7', from: '@upstash/context7-mcp' },
    start: (port) => ['@upstash/context7-mcp/dist/index.js', '--transport', 'http', '--port', String(port)],
  },
  {
    ...{ name: 'Figma', from: 'figma-developer-mcp' },
    start: (port) => ['figma-developer-mcp/dist/bin.js', '--figma-api-key=none', `--port=${port}`],
  },
  {
    ...{ name: 'MongoDB', from: 'mongodb-mcp-server' },
    start: (port) => [
      'mongodb-mcp-server/dist/esm/index.js',
      ...['--transport', 'http', '--httpHost', '127.0.0.1', '--httpPort', String(port)],
    ],
  },
  {
    ...{
      name: 'Kubernetes',
      from: 'mcp-server-kubernetes',
      start: () => ['mcp-server-kubernetes/dist/index.js'],
    },
    variables: (port) => ({
      ...{ ENABLE_UNSAFE_STREAMABLE_HTTP_TRANSPORT: '1', PORT: String(port), HOST: '127.0.0.1' },
    }),
  },
  {
    ...{ name: 'Brave Search', from: '@brave/brave-search-mcp-server' },
    start: (port) => [
      '@brave/brave-search-mcp-server/dist/index.js',
      ...['--transport', 'http', '--port', String(port), '--host', '127.0.0.1'],
    ],
    variables: () => ({ BRAVE_API_KEY: 'none' }),
  },
  {
    ...{ name: 'AntV charts', from: '@antv/mcp-server-chart' },
    start: (port) => ['@antv/mcp-server-chart/build/index.js', '-t', 'streamable', '-p', String(port)],
  },
  { name: 'FastMCP', from: 'fastmcp', start: (port) => ['./fastmcp.mjs', String(port)] },
  ...HOLD_OUT.map((peer) => ({ ...peer, isHoldOut: true as const })),
];
