import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { isIPv4 } from 'node:net';

/** A page that the task may fetch when its clients ask for it. */
export interface PublicPage {
  readonly url: string;
  /** A text of the page. */
  readonly text: string;
}

/** Address of the page: public for the service, but it leads only here. */
const ADDRESS = '93.184.215.14';
/** Compiled from public-address.c. */
export const ADDRESS_PROGRAM = '/public-address';

/**
 * Plays the web within this network namespace: the name servers in the engine's `/etc/resolv.conf`, which know one
 * name, and the web server of that name. The task is unchanged. @returns a function that ends both
 */
export async function servePublicPage({ url, text }: PublicPage): Promise<() => void> {
  const { hostname } = new URL(url);
  const servers = getServers().filter(isIPv4);
  if (servers.length === 0) throw new Error('the container has no name server of IPv4 in /etc/resolv.conf');
  execFileSync(ADDRESS_PROGRAM, [ADDRESS, ...servers.filter((server) => !server.startsWith('127.'))]);

  const web = createServer((request, response) => {
    const found = request.headers.host === hostname;
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'text/html' })
      .end(`<h1>A page</h1><p>${text}</p>`);
  });
  await once(web.listen(80, ADDRESS), 'listening');
  const names = servers.map((server) => {
    const socket = createSocket('udp4');
    socket.on('message', (query, from) => socket.send(answerTo(query, hostname), from.port, from.address));
    return socket.bind(53, server);
  });
  await Promise.all(names.map((socket) => once(socket, 'listening')));
  return () => {
    web.close();
    web.closeAllConnections();
    for (const socket of names) socket.close();
  };
}

/** RFC 1035 §4.1: the address for a question of type A about the name, no address otherwise. */
function answerTo(query: Buffer, hostname: string): Buffer {
  const name = Buffer.concat([
    ...hostname
      .split('.')
      .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);
  const question = query.subarray(12, 12 + name.length + 4);
  const known = question.subarray(0, name.length).equals(name) && question.readUInt16BE(name.length) === 1;
  // Response, recursion available; one question, and one answer if there is one.
  const head = Buffer.of(0x81, known ? 0x80 : 0x83, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0);
  const address = Buffer.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...ADDRESS.split('.').map(Number));
  return Buffer.concat([query.subarray(0, 2), head, question, known ? address : Buffer.alloc(0)]);
}
