import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Connection, tlsOptions } from './connection.ts';

export interface RawAnswer {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Whether the server sent nothing and kept the connection open until the timeout. */
  readonly silent: boolean;
  readonly milliseconds: number;
}

const MAX_HEAD_BYTES = 16 * 1024;

/** Sends bytes that an HTTP client would not send, and waits for a status or the end of the connection. Never throws. */
export function rawExchange(connection: Connection, bytes: string, timeoutMs: number): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const { address: host, port, secure } = connection;
    const socket: Socket = secure ? connectTls(tlsOptions(connection)) : connectPlain({ host, port });
    const startedAt = performance.now();
    let head = '';
    const finish = (silent: boolean) => {
      clearTimeout(timer);
      const [, status = 0] = /^HTTP\/1\.[01] (\d{3})/.exec(head) ?? [];
      resolve({ status: Number(status), silent, milliseconds: Math.round(performance.now() - startedAt) });
      socket.destroy();
    };
    const timer = setTimeout(() => finish(true), timeoutMs);
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (head.includes('\r\n') || head.length > MAX_HEAD_BYTES) finish(false);
    });
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
