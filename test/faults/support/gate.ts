import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { freePort } from '../../service/support/free-port.ts';

/** A proxy between the server and one of its dependencies that can fail in every way. */
export interface Gate {
  readonly port: number;
  /** Bytes sent back through it so far. */
  bytes(): number;
  /** Ends every connection and uses this behaviour for new ones. @param behaviour - default passes them on */
  become(behaviour?: (socket: Socket) => void): void;
  /** Keeps every connection and accepts new ones: reads what arrives, and never sends anything back. */
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
  /** Each client connection with its upstream connection. */
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
  // The port must still be free when the server comes back.
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

/** Responds to every request with a web page, like a captive portal or a wrong address. */
export function webPage(socket: Socket): void {
  const page = '<html><title>Sign in to the network</title></html>';
  socket.on('data', () =>
    socket.end(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`,
    ),
  );
}

/** Accepts every request and never responds. */
export function silence(socket: Socket): void {
  socket.resume();
}

/** Passes everything on after a delay. */
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
