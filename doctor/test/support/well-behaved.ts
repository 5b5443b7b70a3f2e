import { createServer as createHttpServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { LISTENER_ATTRIBUTES } from '../../../infra/constructs/edge/load-balancer-attributes.ts';
import { type AppOptions, createApp } from '../../../service/app.ts';
import { EVERYTHING_ALLOWED } from '../../../service/auth/access-list.ts';
import { createChallenge } from '../../../service/auth/challenge.ts';
import { createHashedTokenVerifier } from '../../../service/auth/hashed-tokens.ts';
import {
  describeResource,
  metadataUrl,
  type ProtectedResource,
} from '../../../service/auth/protected-resource.ts';
import { createAuthFailureLimit } from '../../../service/limits/auth-failure-limit.ts';
import { createConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';
import { createToolCaller } from '../../../service/mcp/call-tool.ts';
import { createFastPath } from '../../../service/mcp/fast-path.ts';
import { createMcpServerFactory } from '../../../service/mcp/server.ts';
import { leaks } from '../../../test/service/support/leaks.ts';
import { TOKEN_DOCUMENT } from '../../../test/service/support/tokens.ts';
import { createFetchPage } from '../../../test/support/fetch-page.ts';
import { type Certificate, createCertificate } from './certificates.ts';

export interface ServerUnderTest {
  readonly url: string;
  readonly ca: string;
  /** Plain HTTP port. */
  readonly httpPort: number;
  stop(): Promise<void>;
}

export interface WellBehavedOptions {
  /** Handles requests before the application. */
  readonly front?: (...exchange: [...Parameters<RequestListener>, next: () => void]) => void;
  readonly app?: Partial<AppOptions>;
  readonly authFailureLimitPerMinute?: number;
  /** Replaced members of the metadata. */
  readonly resource?: Partial<Record<keyof ProtectedResource, unknown>>;
  /** Response header fields that the load balancer does not add. */
  readonly withoutEdgeHeaders?: readonly string[];
  readonly server?: ServerOptions & TlsOptions;
  readonly certificate?: Certificate;
  /** Whether clients trust the certificate. @default true */
  readonly trusted?: boolean;
  /** Accepts connections instead of the TLS server. */
  readonly accept?: (secure: Server, plain: Server) => (socket: Socket) => void;
  /** Handles plain HTTP requests. @default - a redirect */
  readonly plain?: RequestListener;
}

/** The settings of service/serve/http-server.ts with shorter timeouts. */
const SERVER: ServerOptions & TlsOptions = {
  headersTimeout: 1400,
  requestTimeout: 1500,
  connectionsCheckingInterval: 100,
  minVersion: 'TLSv1.2',
  ciphers:
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
};
const EDGE_HEADER = /^routing\.http\.response\.(\w+)\.header_value$/;
const quiet = () => {};

let usual: Promise<Certificate> | undefined;

/** The service behind its load balancer, with TLS and the header fields that the load balancer adds. */
export async function startWellBehaved(options: WellBehavedOptions = {}): Promise<ServerUnderTest> {
  usual ??= createCertificate();
  const own = await usual;
  const certificate = options.certificate ?? own;
  const secure = createHttpsServer({ ...SERVER, ...certificate, ...options.server });
  const plain = createHttpServer(options.plain ?? ((_request, response) => redirect(response, origin)));
  const outer = options.accept === undefined ? secure : listenerOf(options.accept(secure, plain));
  // A server that receives connections from another must itself listen, or Node.js ignores its timeouts.
  const sockets = new Set<Socket>();
  if (outer !== secure) outer.on('connection', (socket: Socket) => sockets.add(socket));
  const servers = [...new Set([outer, secure, plain])];
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  const origin = `https://127.0.0.1:${(outer.address() as AddressInfo).port}`;
  const app = leaks.watch('responses', createService(new URL(`${origin}/mcp`), options));
  const headers = edgeHeaders(options.withoutEdgeHeaders ?? []);
  const { front } = options;
  secure.on('request', (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    if (front === undefined) app(request, response);
    else front(request, response, () => app(request, response));
  });
  return {
    url: `${origin}/mcp`,
    ca: options.trusted === false ? own.cert : certificate.cert,
    httpPort: (plain.address() as AddressInfo).port,
    async stop() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      secure.closeAllConnections();
      plain.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

function createService(publicUrl: URL, options: WellBehavedOptions): RequestListener {
  const monotonic = () => performance.now();
  const logger = { info: quiet, warn: quiet, error: quiet };
  const limiter = createSlidingWindow(monotonic);
  const tools = [createFetchPage({ allowedDomains: ['example.com'], maxBytes: 100_000, timeoutMs: 2000 })];
  const toolScopes = tools.map(({ scopes }) => scopes);
  const challenge = createChallenge({ resourceMetadata: metadataUrl(publicUrl), scopes: ['scrape'] });
  const resource = describeResource({ publicUrl, issuer: 'https://issuer.example.com/', toolScopes });
  const callTool = createToolCaller({
    tools,
    limiter,
    limitPerMinute: 10_000,
    challenge,
    logger,
    started: () => {},
  });
  return createApp({
    transport: {
      hosts: new Set([publicUrl.hostname]),
      allowsOrigin: (origin) => origin === publicUrl.origin,
      maxBodyBytes: 1024 * 1024,
    },
    trustedHops: 0,
    access: EVERYTHING_ALLOWED,
    auditLog: { admit: () => true, record: quiet },
    verifier: createHashedTokenVerifier({
      document: async () => ({ value: TOKEN_DOCUMENT, readAt: monotonic() }),
      monotonic,
      now: Date.now,
      logger,
    }),
    challenge,
    resource: { ...resource, ...options.resource } as ProtectedResource,
    authFailureLimit: createAuthFailureLimit({
      limitPerMinute: options.authFailureLimitPerMinute ?? 30,
      now: monotonic,
    }),
    limiter,
    clientLimitPerMinute: 300,
    userLimitPerMinute: 300,
    concurrency: createConcurrencyLimits({ maxConcurrent: 1000, smallBodies: 1000, largeBodies: 1000 }),
    createServer: createMcpServerFactory({ tools, callTool, version: '0.0.0' }),
    fastPath: createFastPath({ tools, callTool, version: '0.0.0' }),
    logger,
    shutdown: new AbortController().signal,
    ...options.app,
  });
}

function edgeHeaders(without: readonly string[]): [string, string][] {
  return Object.entries(LISTENER_ATTRIBUTES).flatMap(([attribute, value]): [string, string][] => {
    const name = EDGE_HEADER.exec(attribute)?.[1]?.replaceAll('_', '-');
    return name === undefined || without.includes(name) ? [] : [[name, value]];
  });
}

function redirect(response: Parameters<RequestListener>[1], origin: string): void {
  response.writeHead(308, { Location: `${origin}/mcp` }).end();
}

function listenerOf(accept: (socket: Socket) => void): Server {
  const server = createHttpServer();
  server.removeAllListeners('connection');
  server.on('connection', accept);
  return server;
}
