import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { FuzzRequest } from './requests.ts';

export interface FuzzAnswer {
  readonly status: number;
  /** Values of every X-Request-Id header. */
  readonly requestIds: readonly string[];
  readonly text: string;
}

export interface Fate {
  /** Absent when the server closed the connection or waits for more. */
  readonly answer?: FuzzAnswer | undefined;
  /** Further bytes after the response, in order of arrival. */
  readonly surplus: string;
}

/** How long an incomplete request may go without a response; the server would wait longer for the rest. */
const DAMAGED_MS = 150;
const FRAMED_MS = 20_000;

/** Source address of damaged connections, which identifies their records; Linux has all of 127.0.0.0/8. */
export const DAMAGED_PEER = '127.0.0.2';

interface Connection {
  readonly socket: TLSSocket;
  /** Received bytes that belong to no response yet. */
  received: Buffer;
}

/** One client that sends requests one after the other, over one connection as long as the server keeps it. */
export function createClient(port: number) {
  let kept: Connection | undefined;

  async function open(framed: boolean): Promise<Connection> {
    const localAddress = framed ? '127.0.0.1' : DAMAGED_PEER;
    const tcp = connectTcp({ host: '127.0.0.1', port, localAddress });
    tcp.on('error', () => {});
    const socket = connect({ socket: tcp, rejectUnauthorized: false });
    const connection: Connection = { socket, received: Buffer.alloc(0) };
    socket.on('error', () => {});
    socket.on('data', (part) => {
      connection.received = Buffer.concat([connection.received, part]);
    });
    await once(socket, 'secureConnect');
    return connection;
  }

  return {
    async send({ framed, bytes }: FuzzRequest): Promise<Fate> {
      if (kept === undefined || kept.socket.destroyed || !framed) {
        kept?.socket.destroy();
        kept = await open(framed);
      }
      const used = kept;
      const early = used.received.toString('latin1');
      used.received = Buffer.alloc(0);
      used.socket.write(bytes);
      const bodiless = bytes.subarray(0, 4).toString() === 'HEAD';
      const answer = await answerOf(used, framed ? FRAMED_MS : DAMAGED_MS, bodiless);
      const { socket } = used;
      if (framed && answer === undefined && !socket.destroyed && !socket.readableEnded) {
        throw new Error(
          `no answer in ${FRAMED_MS} ms to ${JSON.stringify(bytes.toString('latin1').slice(0, 2000))}`,
        );
      }
      const surplus = early + used.received.toString('latin1');
      used.received = Buffer.alloc(0);
      if (!framed || socket.readableEnded || /^connection: close/im.test(answer?.text ?? '')) {
        socket.destroy();
        kept = undefined;
      }
      return { answer, surplus };
    },
    close: () => void kept?.socket.destroy(),
  };
}

/** Takes the next response from the received bytes. */
function answerOf(
  connection: Connection,
  timeoutMs: number,
  bodiless: boolean,
): Promise<FuzzAnswer | undefined> {
  const { socket } = connection;
  return new Promise((resolve) => {
    const end = (found?: ReturnType<typeof parse>) => {
      clearTimeout(timer);
      socket.off('data', take).off('close', closed).off('end', closed);
      if (found !== undefined) connection.received = connection.received.subarray(found.bytes);
      resolve(found?.answer);
    };
    const closed = () => end(parse(connection.received, true, bodiless));
    const take = () => {
      const found = parse(connection.received, false, bodiless);
      if (found !== undefined) end(found);
    };
    const timer = setTimeout(closed, timeoutMs);
    socket.on('data', take).once('close', closed).once('end', closed);
  });
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const LAST_CHUNK = '\r\n0\r\n\r\n';

/** The complete response at the start of a text. Responses to HEAD and 204 have no body; `100 Continue` is skipped. */
function parse(
  received: Buffer,
  ended: boolean,
  bodiless: boolean,
): { answer: FuzzAnswer; bytes: number } | undefined {
  const all = received.toString('latin1');
  const skipped = all.startsWith(CONTINUE) ? CONTINUE.length : 0;
  const text = all.slice(skipped);
  const end = text.indexOf('\r\n\r\n') + 4;
  if (end < 4) return undefined;
  const head = text.slice(0, end - 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const lastChunk = /^transfer-encoding: chunked/im.test(head) ? text.indexOf(LAST_CHUNK, end - 2) : -2;
  let size = end + length;
  if (bodiless || status === 204) size = end;
  else if (lastChunk > -2) size = lastChunk < 0 ? Number.POSITIVE_INFINITY : lastChunk + LAST_CHUNK.length;
  if (text.length < size && !ended) return undefined;
  const requestIds = [...head.matchAll(/^x-request-id: (.*)\r$/gim)].map(([, id = '']) => id);
  return {
    answer: { status, requestIds, text: text.slice(0, size) },
    bytes: Math.min(skipped + size, received.length),
  };
}
