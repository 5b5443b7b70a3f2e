import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** PEM certificate and key; without them the server speaks plain HTTP, which only the local profile does. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

export interface Listening {
  readonly port: number;
  /**
   * Stops accepting and resolves when every request in flight is answered, at the latest after `timeoutMs`, when
   * what is left is cut off. @returns whether everything was answered
   */
  drain(timeoutMs: number): Promise<boolean>;
}

const LIMITS = {
  /** The head of a request must arrive within this, against slow senders. */
  headersTimeout: 10_000,
  /** A whole request must arrive within this. */
  requestTimeout: 30_000,
  /** Above the load balancer's idle timeout of 60 s, so that it never reuses a connection we are closing (502). */
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
  connectionsCheckingInterval: 5_000,
} as const;

/** Starts to serve. @throws the listen error: EADDRINUSE, EACCES, … */
export async function listen(app: Express, options: ListenOptions): Promise<Listening> {
  const server: Server =
    options.tls === undefined
      ? createHttpServer(LIMITS, app)
      : createHttpsServer({ ...LIMITS, ...options.tls, minVersion: 'TLSv1.2' }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, drain: (timeoutMs) => drain(server, timeoutMs) };
}

function drain(server: Server, timeoutMs: number): Promise<boolean> {
  // On a connection that is still in use, the answer under way must be the last one.
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  return new Promise((resolve) => {
    let complete = true;
    // A kept-alive connection whose answer has just left would hold the close until its idle timeout.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const timer = setTimeout(() => {
      complete = false;
      server.closeAllConnections();
    }, timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(idle);
      resolve(complete);
    });
  });
}
