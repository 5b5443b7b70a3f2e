import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import { edgeOptions } from '../faults/support/edge-options.ts';
import { nodeOptions, portOf } from '../service/support/deployed-bundle.ts';
import { createSearch, type Hit, needlesOf } from '../service/support/leak-search.ts';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';
import { entry } from '../service/support/tokens.ts';
import { HAS_SCRAPER, servedBundle } from '../support/page-tool.ts';

export interface FuzzedServer extends RunningProcess {
  readonly port: number;
  /** Token of the clients. */
  readonly token: string;
  readonly auditKey: string;
  /** Searches for every secret of this server, in every encoding. */
  search(output: Buffer): Hit[];
  /** Requests that reached the upstream stand-in, with the key if it needs one. */
  upstreamCalls(): number;
  /** Stops its dependencies. */
  close(): Promise<void>;
}

const random = () => randomBytes(32).toString('base64url');

/**
 * The deployed program with every kind of secret, each in use: list, audit key, AWS role, and the upstream key of the
 * scraper if there is one.
 */
export async function startFuzzedServer(): Promise<FuzzedServer> {
  const token = random();
  const tokenHash = createHash('sha256').update(token).digest();
  const secrets = {
    token,
    'token hash': tokenHash.toString('hex'),
    'token hash in base64': tokenHash.toString('base64'),
    'audit key': randomBytes(32).toString('hex'),
    'upstream key': random(),
    'AWS access key': `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    'AWS secret key': random(),
    'AWS session token': random() + random(),
  };
  const manager = await startSecretsManager({
    tokens: JSON.stringify({ tokens: [entry(token, 'fuzz', ['scrape'])] }),
    'audit-key': secrets['audit key'],
    'upstream-key': secrets['upstream key'],
  });
  const upstream = HAS_SCRAPER ? await startApi(secrets['upstream key']) : await startPages();
  const server = startProcess(process.execPath, [...nodeOptions, ...upstream.options, servedBundle()], {
    ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_TRUSTED_HOPS: '1' },
    MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens',
    MCP_AUDIT_KEY: 'aws-secretsmanager:audit-key',
    ...{ MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '100000' },
    SCRAPE_ALLOWED_DOMAINS: 'example.com',
    ...upstream.variables,
    ...{ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: manager.url },
    AWS_ACCESS_KEY_ID: secrets['AWS access key'],
    AWS_SECRET_ACCESS_KEY: secrets['AWS secret key'],
    AWS_SESSION_TOKEN: secrets['AWS session token'],
  });
  return {
    ...server,
    port: await portOf(server),
    token,
    auditKey: secrets['audit key'],
    search: createSearch(Object.entries(secrets).flatMap(([kind, secret]) => needlesOf(kind, secret))),
    upstreamCalls: upstream.calls,
    async close() {
      upstream.close();
      await manager.close();
    },
  };
}

/** A stand-in for what the tools reach. */
interface Upstream {
  /** Options of node, and variables, that lead the program to it. */
  readonly options: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  calls(): number;
  close(): void;
}

/** Pages of example.com over http, for a fork whose tools need no key. */
async function startPages(): Promise<Upstream> {
  let calls = 0;
  const server = createHttpServer((_request, response) => {
    calls += 1;
    response.writeHead(calls % 5 === 0 ? 500 : 200, { 'content-type': 'text/html' }).end('<h1>A page</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    options: edgeOptions,
    variables: {
      FAULT_NAMES: JSON.stringify({ 'example.com': [['93.184.216.34']] }),
      FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (server.address() as AddressInfo).port }),
    },
    calls: () => calls,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An API for pages that repeats its caller's key wherever it can: in pages, in headers, in errors. */
async function startApi(key: string): Promise<Upstream> {
  const host = 'api.webscraping.ai';
  const { cert, private: privateKey } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  let calls = 0;
  const page = `<title>${key}</title><h1>${key}</h1><p>a${encodeURIComponent(key)}b</p><a href="/?k=${key}">x</a>`;
  const server = createServer({ cert, key: privateKey }, ({ url = '' }, response) => {
    if (url.includes(key)) calls += 1;
    const [status, type, body] = [
      [200, 'text/html', page],
      [500, 'application/json', JSON.stringify({ message: key, status_code: 404 })],
      [200, key, page],
      [302, 'text/html', key],
    ][calls % 4] as [number, string, string];
    response.writeHead(status, { 'content-type': type, location: `https://example.com/${key}` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'mcp-fuzz-'));
  writeFileSync(join(folder, 'ca.pem'), cert);
  const edge = fileURLToPath(new URL('edge.cjs', import.meta.url));
  return {
    options: [`--allow-fs-read=${edge}`, '--require', edge],
    variables: {
      ...{ SCRAPE_ENGINE: 'webscraping-ai', SCRAPE_API_KEY: 'aws-secretsmanager:upstream-key' },
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      FUZZ_UPSTREAM_PORT: String((server.address() as AddressInfo).port),
    },
    calls: () => calls,
    close() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
