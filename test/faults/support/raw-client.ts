import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { TOKEN } from './server.ts';

/** A TLS connection to the server to which a test writes arbitrary bytes. */
export interface RawClient {
  readonly socket: TLSSocket;
  /** Everything that the server has sent. */
  said(): string;
  /** Resolves when the connection is closed, with the duration in milliseconds. */
  readonly closed: Promise<number>;
}

export async function openRaw(port: number): Promise<RawClient> {
  const begun = performance.now();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  // Some tests cut the connection during a write.
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => {
    socket.once('close', () => resolve(Math.round(performance.now() - begun)));
  });
  await once(socket, 'secureConnect');
  return { socket, said: () => text, closed };
}

/** Head of a POST of a known client. */
export function head(fields: Readonly<Record<string, string | number>>): string {
  const all = {
    Host: 'mcp.example.com',
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    Authorization: `Bearer ${TOKEN}`,
    ...fields,
  };
  return `POST /mcp HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

/** Status and JSON-RPC code of a raw response. */
export function answerIn(text: string): { status: number; code: number | undefined; requestId: string } {
  const code = /"error":\{"code":(-?\d+)/.exec(text)?.[1];
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
    code: code === undefined ? undefined : Number(code),
    requestId: /^X-Request-Id: (.+)\r$/im.exec(text)?.[1] ?? '',
  };
}
