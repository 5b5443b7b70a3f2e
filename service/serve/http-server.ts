import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { FIELDS_KEPT, hasTooManyFields } from '../header-fields.ts';
import { TIMEOUTS } from './timeouts.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** PEM certificate and key. Without them the server uses plain HTTP, in the local profile only. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

export interface Listening {
  readonly port: number;
  /**
   * Stops accepting connections and resolves when all are closed. After `timeoutMs` milliseconds calls `cut`, which
   * must end requests in flight, and half a second later closes the remaining connections.
   *
   * @returns whether every request was completed in time
   */
  drain(timeoutMs: number, cut: () => void): Promise<boolean>;
}

const LIMITS = {
  headersTimeout: TIMEOUTS.head,
  requestTimeout: TIMEOUTS.request,
  keepAliveTimeout: TIMEOUTS.keepAlive,
  maxHeaderSize: 16 * 1024,
  connectionsCheckingInterval: 5_000,
} as const;

/** Forward secrecy and authenticated encryption only; Node's default includes CBC. Load balancers support them all. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
].join(':');

/** Starts to serve. @throws the listen error: EADDRINUSE, EACCES, … */
export async function listen(app: Express, options: ListenOptions): Promise<Listening> {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (hasTooManyFields(request)) refuseHeader(response);
    else app(request, response);
  };
  const server: Server =
    options.tls === undefined
      ? createHttpServer(LIMITS, serve)
      : createHttpsServer(
          {
            ...LIMITS,
            ...options.tls,
            minVersion: 'TLSv1.2',
            ciphers: CIPHERS,
            handshakeTimeout: TIMEOUTS.tlsHandshake,
          },
          serve,
        );
  server.maxHeadersCount = FIELDS_KEPT;
  server.setTimeout(TIMEOUTS.silence);
  const connections = watchConnections(server, options.tls === undefined ? 'connection' : 'secureConnection');
  // Node handles an Expect header by itself, before any of our stages sees the request.
  const take = (request: IncomingMessage, response: ServerResponse) =>
    void server.emit('request', request, response);
  server.on('checkContinue', take).on('checkExpectation', take);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    drain: (...args) => drain(server, connections, ...args),
  };
}

/** Responds like Node to a header section beyond `maxHeaderSize`: such a request reaches no stage and has no record. */
function refuseHeader(response: ServerResponse): void {
  response.writeHead(431, { Connection: 'close' }).end();
}

interface Connections {
  /** Connections that never sent a complete request head. */
  readonly silent: ReadonlySet<Socket>;
  /** Pending responses by connection, in the order of their requests. */
  readonly owed: ReadonlyMap<Socket, ReadonlySet<ServerResponse>>;
}

function watchConnections(server: Server, opened: 'connection' | 'secureConnection'): Connections {
  // Node closes idle connections at the end, but a connection that never sent a request does not count as idle.
  const silent = new Set<Socket>();
  const owed = new Map<Socket, Set<ServerResponse>>();
  server.on(opened, (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => {
      silent.delete(socket);
      owed.delete(socket);
    });
  });
  server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    const answers = owed.get(socket) ?? new Set();
    owed.set(socket, answers.add(response));
    if (!server.listening) sayLast(response);
    response.once('close', () => {
      answers.delete(response);
      // A kept-alive connection whose last response is sent would block the drain until its idle timeout.
      if (!server.listening && answers.size === 0) socket.destroySoon();
    });
  });
  return { silent, owed };
}

/** Sets `Connection: close`, so that a client with kept-alive connections sends no further request (RFC 9112 §9.6). */
function sayLast(answer: ServerResponse | undefined): void {
  if (answer?.headersSent === false) answer.setHeader('Connection', 'close');
}

function drain(
  server: Server,
  { silent, owed }: Connections,
  timeoutMs: number,
  cut: () => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    for (const answers of owed.values()) sayLast([...answers].at(-1));
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
    // A request head that has begun gets the usual time for a head.
    const heads = setTimeout(() => {
      for (const socket of silent) socket.destroy();
    }, TIMEOUTS.head);
    let complete = true;
    let timer = setTimeout(() => {
      complete = false;
      cut();
      timer = setTimeout(() => server.closeAllConnections(), TIMEOUTS.cutGrace);
    }, timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      clearTimeout(heads);
      resolve(complete);
    });
  });
}
