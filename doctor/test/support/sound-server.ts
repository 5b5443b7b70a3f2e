import { randomUUID } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { type Certificate, createCertificate } from './certificates.ts';

type Json = Readonly<Record<string, unknown>>;

/** One request to the server, with its body read. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly message: Json & { readonly method?: unknown; readonly params?: Json };
  /** Whether the request follows revision 2026-07-28. */
  readonly isModern: boolean;
}

/** A server without known faults. Each option removes a control or adds a feature. */
export interface SoundOptions {
  /** @default - one read-only tool, `add` */
  readonly tools?: readonly Json[];
  readonly call?: (name: string, args: Json) => Json | Promise<Json>;
  readonly prompts?: readonly Json[];
  readonly resources?: readonly Json[];
  readonly instructions?: string;
  /** The tokens that open it. @default - one token, `TOKEN` */
  readonly tokens?: readonly string[];
  /** Whether it needs no token. @default false */
  readonly open?: boolean;
  readonly sessions?: boolean;
  /** @default 'both' */
  readonly eras?: 'both' | 'legacy' | 'modern';
  /** Answers a request itself and returns true, or changes it and returns false. */
  readonly before?: (exchange: Exchange) => boolean | Promise<boolean>;
  /** Answers a request that passed every control. */
  readonly handle?: (exchange: Exchange) => boolean;
  /** Replaced members of the metadata. */
  readonly metadata?: Json;
  readonly maxBodyBytes?: number;
  readonly inflates?: boolean;
  readonly server?: ServerOptions & TlsOptions;
  readonly secure?: boolean;
  readonly certificate?: Certificate;
  /** Whether clients trust the certificate. @default true */
  readonly trusted?: boolean;
  /** Accepts connections instead of the TLS server. */
  readonly accept?: (secure: Server, plain: Server) => (socket: Socket) => void;
  /** Handles plain HTTP requests. @default - a redirect */
  readonly plain?: RequestListener;
}

export interface SoundServer {
  readonly url: string;
  readonly ca: string | undefined;
  readonly httpPort: number;
  stop(): Promise<void>;
}

export const TOKEN = 'sound-token-0123456789';
export const MODERN = '2026-07-28';
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26'];
const META = 'io.modelcontextprotocol/protocolVersion';
const ADD = {
  name: 'add',
  description: 'Adds two numbers',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
  annotations: { readOnlyHint: true },
};
/** On a busy machine, a shorter time would end requests that only wait for their turn. */
const TIMEOUTS = { headersTimeout: 600, requestTimeout: 700, connectionsCheckingInterval: 50 };
const CIPHERS = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';

let usual: Promise<Certificate> | undefined;

export async function startSound(options: SoundOptions = {}): Promise<SoundServer> {
  const settings = { ...TIMEOUTS, ...options.server };
  const listener: RequestListener = (request, response) => {
    serve(request, response, origin, options, sessions).catch(() => response.destroy());
  };
  const sessions = new Set<string>();
  usual ??= createCertificate();
  const own = options.secure ? await usual : undefined;
  const certificate = options.certificate ?? own;
  const main = options.secure
    ? createHttpsServer({ minVersion: 'TLSv1.2', ciphers: CIPHERS, ...settings, ...certificate }, listener)
    : createHttpServer(settings, listener);
  const plain = createHttpServer(options.plain ?? ((_request, response) => redirect(response)));
  const outer = options.accept === undefined ? main : listenerOf(options.accept(main, plain));
  const servers = [...new Set([outer, main, plain])];
  await Promise.all(
    servers.map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))),
  );
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const origin = `${options.secure ? 'https' : 'http'}://127.0.0.1:${portOf(outer)}`;
  const redirect = (response: ServerResponse) => response.writeHead(308, { location: `${origin}/mcp` }).end();
  const sockets = new Set<Socket>();
  for (const server of servers) server.on('connection', (socket: Socket) => sockets.add(socket));
  return {
    url: `${origin}/mcp`,
    ca: options.trusted === false ? own?.cert : certificate?.cert,
    httpPort: portOf(plain),
    async stop() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function listenerOf(accept: (socket: Socket) => void): Server {
  const server = createHttpServer();
  server.removeAllListeners('connection');
  server.on('connection', accept);
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  options: SoundOptions,
  sessions: Set<string>,
): Promise<unknown> {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('strict-transport-security', 'max-age=63072000');
  const body = await read(request, options.maxBodyBytes ?? 1024 * 1024);
  if (body === undefined) return json(response, 413, { error: 'too large' }, { connection: 'close' });
  const message = parse(body) as Exchange['message'];
  const meta = message?.params?.['_meta'] as Json | undefined;
  const isModern = request.headers['mcp-protocol-version'] === MODERN || meta?.[META] === MODERN;
  const exchange = { request, response, body, message: Object(message), isModern };
  if (await options.before?.(exchange)) return undefined;
  const { host, origin: sentOrigin } = request.headers;
  if (request.url?.startsWith('/.well-known/oauth-protected-resource'))
    return json(response, 200, { ...describeResource(origin), ...options.metadata });
  const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  if (`//${host}` !== origin.replace(/^\w+:/, '') || hosts.length > 1)
    return json(response, 421, { error: 'host' });
  if (sentOrigin !== undefined && sentOrigin !== origin) return json(response, 403, { error: 'origin' });
  if (request.url !== '/mcp') return json(response, 404, { error: 'not found' });
  if (!isAllowed(exchange, origin, options)) return undefined;
  const session = request.headers['mcp-session-id'];
  if (request.method === 'DELETE' && options.sessions && sessions.delete(String(session)))
    return json(response, 200, {});
  if (request.method !== 'POST') return json(response, 405, { error: 'method' }, { allow: 'POST' });
  if (!isReadable(exchange, options)) return undefined;
  return answerMessage(exchange, options, sessions);
}

function describeResource(origin: string): Json {
  return {
    resource: `${origin}/mcp`,
    authorization_servers: ['https://issuer.example.com/'],
    scopes_supported: ['add'],
    bearer_methods_supported: ['header'],
  };
}

function isAllowed({ request, response }: Exchange, origin: string, options: SoundOptions): boolean {
  const { authorization } = request.headers;
  const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  if (options.open || (options.tokens ?? [TOKEN]).includes(token ?? '')) return true;
  const error = authorization === undefined ? '' : ', error="invalid_token"';
  const place = `${origin}/.well-known/oauth-protected-resource/mcp`;
  json(
    response,
    401,
    { error: 'token' },
    { 'www-authenticate': `Bearer resource_metadata="${place}"${error}` },
  );
  return false;
}

function isReadable({ request, response, body, message }: Exchange, options: SoundOptions): boolean {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  const refuse = (status: number, code: number, text: string) => rpcError(response, null, code, text, status);
  if (encoding !== undefined && !options.inflates) refuse(415, -32_600, 'encoding');
  else if (!type?.startsWith('application/json')) refuse(415, -32_600, 'content type');
  else if (!isUtf8(body) || body.includes('[[[[[[[[') || parse(body) === undefined)
    refuse(400, -32_700, 'parse error');
  else if (!isRequest(message) || Array.isArray(parse(body))) refuse(400, -32_600, 'invalid request');
  else return true;
  return false;
}

function isRequest({ jsonrpc, id, method, params }: Json): boolean {
  const isId = id === undefined || typeof id === 'string' || Number.isInteger(id);
  const isParams = params === undefined || (typeof params === 'object' && params !== null);
  return jsonrpc === '2.0' && typeof method === 'string' && isId && isParams;
}

function answerMessage(exchange: Exchange, options: SoundOptions, sessions: Set<string>): unknown {
  const { request, response, message, isModern } = exchange;
  const { id, method } = message;
  const { 'mcp-protocol-version': version, 'mcp-session-id': session } = request.headers;
  const { eras = 'both' } = options;
  const meta = message.params?.['_meta'] as Json | undefined;
  if (isModern ? eras === 'legacy' : eras === 'modern')
    return rpcError(response, id, -32_022, 'revision', 400);
  if (isModern && !headersMatch(exchange, meta))
    return rpcError(response, id, -32_020, 'header mismatch', 400);
  if (!isModern && version !== undefined && !LEGACY.includes(String(version)))
    return rpcError(response, id, -32_022, 'revision', 400);
  if (options.sessions && !isModern) {
    if (method === 'initialize') {
      const opened = randomUUID();
      sessions.add(opened);
      response.setHeader('mcp-session-id', opened);
    } else if (!sessions.has(String(session))) {
      return rpcError(response, id, -32_001, 'no session', session === undefined ? 400 : 404);
    }
  }
  if (id === undefined) return response.writeHead(202).end();
  if (options.handle?.(exchange)) return undefined;
  return dispatch(exchange, options);
}

function headersMatch({ request, message }: Exchange, meta: Json | undefined): boolean {
  const { headers } = request;
  const named = message.params?.['name'] ?? message.params?.['uri'];
  return (
    meta?.[META] === MODERN &&
    headers['mcp-protocol-version'] === MODERN &&
    headers['mcp-method'] === message.method &&
    (named === undefined || headers['mcp-name'] === named)
  );
}

async function dispatch(exchange: Exchange, options: SoundOptions): Promise<unknown> {
  const { response, message, isModern } = exchange;
  const { id, method, params = {} } = message;
  const { tools = [ADD], prompts = [], resources = [], instructions } = options;
  const succeed = (result: Json) => json(response, 200, { jsonrpc: '2.0', id, result });
  const capabilities = {
    ...(tools.length > 0 ? { tools: {} } : {}),
    ...(prompts.length > 0 ? { prompts: {} } : {}),
    ...(resources.length > 0 ? { resources: {} } : {}),
  };
  const hello = { capabilities, instructions, serverInfo: { name: 'sound', version: '1' } };
  const isNone = {
    tools: tools.length === 0,
    prompts: prompts.length === 0,
    resources: resources.length === 0,
  };
  const [kind] = String(method).split('/') as [keyof typeof isNone];
  if (method === 'initialize' && !isModern) return succeed({ protocolVersion: LEGACY[0], ...hello });
  if (method === 'server/discover' && isModern) return succeed({ supportedVersions: [MODERN], ...hello });
  if (method === 'ping' && !isModern) return succeed({});
  if (isNone[kind] !== false) return rpcError(response, id, -32_601, 'method', isModern ? 404 : 200);
  if (method === 'tools/list') return succeed({ tools });
  if (method === 'prompts/list') return succeed({ prompts });
  if (method === 'resources/list') return succeed({ resources });
  const { name, uri, arguments: args } = params as { name?: string; uri?: string; arguments?: Json };
  if (method === 'tools/call' && tools.some((tool) => tool['name'] === name))
    return succeed(await (options.call?.(String(name), args ?? {}) ?? say('3')));
  if (method === 'prompts/get' && prompts.some((prompt) => prompt['name'] === name))
    return succeed({ messages: [] });
  if (method === 'resources/read' && resources.some((resource) => resource['uri'] === uri))
    return succeed({ contents: [] });
  const isKnown = ['tools/call', 'prompts/get', 'resources/read'].includes(String(method));
  return rpcError(response, id, isKnown ? -32_602 : -32_601, 'unknown', isModern && !isKnown ? 404 : 200);
}

/** @returns undefined if the body is larger than the limit */
async function read(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' && limit > 1024 * 1024 ? gunzipSync(body) : body;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function isUtf8(body: Buffer): boolean {
  return Buffer.from(body.toString()).equals(body);
}

/** A result of a tool. */
export const say = (text: string, isError?: boolean): Json => ({
  content: [{ type: 'text', text }],
  ...(isError ? { isError } : {}),
});

/** Answers and returns true, for `before`. */
export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  return true;
}

export function rpcError(
  response: ServerResponse,
  id: unknown,
  code: number,
  message: string,
  status = 200,
): true {
  return json(response, status, { jsonrpc: '2.0', id: id ?? null, error: { code, message } });
}
