import type { Socket } from 'node:net';
import { createGzip } from 'node:zlib';

/** Hostile behaviours of pages, each on a connection that has just sent a request. */

export const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';
export const GIGABYTE = 1024 ** 3;

/** Writes as long as it is read, up to the announced length. */
export function pour(socket: Socket, total: number): void {
  const chunk = Buffer.alloc(64 * 1024, 'words ');
  let left = total;
  const more = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!socket.write(chunk)) return;
    }
    socket.end();
  };
  socket.on('drain', more);
  more();
}

export function bomb(socket: Socket): void {
  socket.write(`${HEAD}Content-Encoding: gzip\r\nConnection: close\r\n\r\n`);
  const gzip = createGzip({ level: 9 });
  gzip.on('error', () => {}).pipe(socket);
  socket.on('close', () => gzip.destroy());
  const zeros = Buffer.alloc(1024 * 1024);
  let left = GIGABYTE;
  const more = () => {
    while (left > 0) {
      left -= zeros.length;
      if (!gzip.write(zeros)) return;
    }
    gzip.end();
  };
  gzip.on('drain', more);
  more();
}

export function trickle(socket: Socket): void {
  socket.write(`${HEAD}\r\n`);
  const timer = setInterval(() => socket.write('w'), 1000);
  socket.on('close', () => clearInterval(timer));
}

export function redirect(socket: Socket): void {
  socket.end('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}
