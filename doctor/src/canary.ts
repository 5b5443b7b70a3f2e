import { createServer, type Server, type Socket } from 'node:net';
import type { Target } from './target.ts';

/** A listener on this machine. A connection to it proves that a tool followed a URL. */
export interface Canary {
  readonly port: number;
  /** The URL of the canary from the server, with a path that contains a random name. */
  readonly url: URL;
  /** Text that only the canary sends. */
  readonly content: string;
  /** Connections so far. */
  hits(): number;
  close(): void;
}

/**
 * Starts a canary: for a server on this machine on loopback, for another server on the port of the URL that the user named.
 *
 * @returns undefined if the server cannot reach this machine, or the port cannot be opened
 */
export async function startCanary(target: Target, named: URL | undefined): Promise<Canary | undefined> {
  if (named === undefined && !target.loopback) return undefined;
  const nonce = crypto.randomUUID();
  const content = `canary-${crypto.randomUUID()}`;
  let hits = 0;
  const listener = createServer((socket: Socket) => {
    hits += 1;
    socket.on('error', () => socket.destroy());
    // TLS clients find no TLS, but have connected.
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${content.length}\r\nConnection: close`;
    socket.once('data', () => socket.end(`${head}\r\n\r\n${content}`));
    socket.setTimeout(5000, () => socket.destroy());
  });
  const port = await listen(listener, named);
  if (port === undefined) return undefined;
  const url = new URL(`/${nonce}`, named ?? `http://127.0.0.1:${port}/`);
  listener.unref();
  return { port, url, content, hits: () => hits, close: () => listener.close() };
}

async function listen(listener: Server, named: URL | undefined): Promise<number | undefined> {
  const port = named === undefined ? 0 : Number(named.port) || (named.protocol === 'https:' ? 443 : 80);
  return await new Promise((resolve) => {
    listener.once('error', () => resolve(undefined));
    listener.listen(port, named === undefined ? '127.0.0.1' : undefined, () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : undefined);
    });
  });
}
