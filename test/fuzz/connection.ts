import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { FuzzRequest } from './requests.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly requestId?: string | undefined;
  readonly text: string;
}

/** How long bytes that are no whole request may go without an answer; the server would wait longer for the rest. */
const DAMAGED_MS = 150;
const FRAMED_MS = 20_000;

/** One client that sends one request after the other, over one connection for as long as the server keeps it. */
export function createClient(port: number) {
  let socket: TLSSocket | undefined;

  async function open(): Promise<TLSSocket> {
    const opened = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    opened.on('error', () => {});
    await once(opened, 'secureConnect');
    return opened;
  }

  return {
    /** @returns nothing when the server closed the connection or waits for more */
    async send({ framed, bytes }: FuzzRequest): Promise<FuzzAnswer | undefined> {
      if (socket === undefined || socket.destroyed || !framed) {
        socket?.destroy();
        socket = await open();
      }
      const used = socket;
      used.write(bytes);
      const answer = await answerOf(
        used,
        framed ? FRAMED_MS : DAMAGED_MS,
        bytes.subarray(0, 4).toString() === 'HEAD',
      );
      if (framed && answer === undefined && !used.destroyed && !used.readableEnded) {
        throw new Error(
          `no answer in ${FRAMED_MS} ms to ${JSON.stringify(bytes.toString('latin1').slice(0, 2000))}`,
        );
      }
      if (!framed || used.readableEnded || /^connection: close/im.test(answer?.text ?? '')) {
        used.destroy();
        socket = undefined;
      }
      return answer;
    },
    close: () => void socket?.destroy(),
  };
}

function answerOf(socket: TLSSocket, timeoutMs: number, bodiless: boolean): Promise<FuzzAnswer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (answer?: FuzzAnswer) => {
      clearTimeout(timer);
      socket.off('data', take).off('close', closed).off('end', closed);
      resolve(answer);
    };
    const closed = () => end(parse(received, true, bodiless));
    const take = (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const answer = parse(received, false, bodiless);
      if (answer !== undefined) end(answer);
    };
    const timer = setTimeout(closed, timeoutMs);
    socket.on('data', take).once('close', closed).once('end', closed);
  });
}

/** The answer in what was received, once it is whole; answers to HEAD and 204 have no body, `100 Continue` is none. */
function parse(received: Buffer, ended: boolean, bodiless: boolean): FuzzAnswer | undefined {
  const text = received.toString('latin1').replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const chunked = /^transfer-encoding: chunked/im.test(head);
  const whole =
    bodiless || status === 204 || (chunked ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + length);
  if (!whole && !ended) return undefined;
  return { status, requestId: /^x-request-id: (\S+)/im.exec(head)?.[1], text };
}
