import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { freePort } from '../../service/support/free-port.ts';

/** What stands between the server and something it depends on, to take that away in every way there is. */
export interface Gate {
  readonly port: number;
  /** Bytes that were sent back through it so far. */
  bytes(): number;
  /** Ends every connection and handles new ones so. @param behaviour - default passes them on */
  become(behaviour?: (socket: Socket) => void): void;
  /** Every connection stays, and so do new ones: what comes on them is read, and nothing is ever sent back. */
  mute(): void;
  /** Ends every connection and refuses new ones. */
  down(): Promise<void>;
  /** Listens again. */
  up(): Promise<void>;
}

export async function startGate(
  target: number,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Gate> {
  /** Each with what it leads to. */
  const sockets = new Map<Socket, Socket | undefined>();
  let bytes = 0;
  const pass = (socket: Socket) => {
    const behind = connect({ host: '127.0.0.1', port: target });
    behind
      .on('error', () => socket.destroy())
      .on('data', (chunk) => {
        bytes += chunk.length;
      });
    sockets.set(socket, behind);
    socket.on('close', () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  };
  let behaviour = pass;
  const serve = (socket: Socket) => {
    sockets.set(socket, undefined);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    behaviour(socket);
  };
  const cut = () => {
    for (const socket of sockets.keys()) socket.destroy();
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  // It must still be free when the server comes back.
  const port = await freePort();
  await listen(port);
  return {
    port,
    bytes: () => bytes,
    become(next = pass) {
      behaviour = next;
      cut();
    },
    mute() {
      behaviour = silence;
      for (const [socket, behind] of sockets) {
        behind?.unpipe(socket);
        socket.unpipe();
        silence(socket);
      }
    },
    async down() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
    async up() {
      if (!server.listening) await listen(port);
    },
  };
}

/** Answers whatever is asked with a web page, as a captive portal or a wrong address does. */
export function webPage(socket: Socket): void {
  const page = '<html><title>Sign in to the network</title></html>';
  socket.on('data', () =>
    socket.end(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`,
    ),
  );
}

/** Takes every request and never answers. */
export function silence(socket: Socket): void {
  socket.resume();
}

/** Passes everything on after a while. */
export function later(target: number, delayMs: number): (socket: Socket) => void {
  return (socket) => {
    const behind = connect({ host: '127.0.0.1', port: target }).on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    behind.pipe(socket);
    socket.on('data', (chunk) => {
      setTimeout(() => behind.write(chunk), delayMs);
    });
  };
}
