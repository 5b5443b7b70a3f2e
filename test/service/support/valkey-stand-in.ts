import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';

export interface ValkeyStandIn {
  readonly port: number;
  /** Every command so far. */
  readonly commands: string[][];
  /** Open connections. */
  connections(): number;
  /** While set, handles every command: RESP, or undefined for silence. */
  behaviour: ((command: readonly string[]) => string | undefined) | undefined;
  /** Ends every connection; accepts new ones. */
  cut(): void;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** @default - a free one */
  readonly port?: number;
  /** PEM certificate and key. @default - not encrypted */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** The part of RESP that counting needs, on loopback: AUTH, EVALSHA, and EVAL of a script that it ignores. */
export async function startValkeyStandIn({ port = 0, tls }: StandInOptions = {}): Promise<ValkeyStandIn> {
  const sockets = new Set<Socket>();
  const window = createSlidingWindow(() => performance.now());
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);

  function serve(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      for (let read = readCommand(text); read !== undefined; read = readCommand(text)) {
        text = text.slice(read.length);
        standIn.commands.push(read.command);
        void answer(socket, read.command);
      }
    });
  }

  async function answer(socket: Socket, command: string[]): Promise<void> {
    const { behaviour } = standIn;
    const [name, , , key = '', limit] = command;
    const text =
      behaviour !== undefined
        ? behaviour(command)
        : name?.startsWith('EVAL')
          ? `:${await window.consume(key, Number(limit))}\r\n`
          : '+OK\r\n';
    if (text !== undefined) socket.write(text);
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const standIn: ValkeyStandIn = {
    port: (server.address() as AddressInfo).port,
    commands: [],
    behaviour: undefined,
    connections: () => sockets.size,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
  return standIn;
}

/** The first command of a text, an array of bulk strings, once it is complete. */
function readCommand(text: string): { command: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let position = head[0].length;
  const command: string[] = [];
  for (let left = Number(head[1]); left > 0; left -= 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(position));
    if (size === null) return undefined;
    const start = position + size[0].length;
    const end = start + Number(size[1]);
    if (text.length < end + 2) return undefined;
    command.push(text.slice(start, end));
    position = end + 2;
  }
  return { command, length: position };
}
