import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import type { Wire } from './wire.ts';

/** Opens a TCP connection; tests replace it. */
export type TcpConnect = (target: { readonly host: string; readonly port: number }) => Socket;

export interface ConnectOptions {
  /** @default - node:net */
  readonly connect?: TcpConnect;
  /** Certificate authorities in PEM. @default - those of the runtime */
  readonly ca?: string;
  /** Certificate authorities, parsed; replaces `ca`. @default - `ca` */
  readonly secureContext?: SecureContext | undefined;
}

export interface OpenOptions extends ConnectOptions {
  /** Destroys the socket at any time, not only while it connects. */
  readonly signal: AbortSignal;
  readonly wire: Wire;
  /** Timeout of the TCP connection, in milliseconds. @default - until the signal aborts */
  readonly timeoutMs?: number;
}

/**
 * Opens a connection for a URL; for https with TLS 1.2 or later, verified for the URL's host.
 *
 * @param host an address of the URL's host, or its name, which the system then resolves
 */
export async function openSocket(url: URL, host: string, options: OpenOptions): Promise<Socket> {
  const { signal, wire } = options;
  signal.throwIfAborted();
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const tcp = (options.connect ?? netConnect)({ host, port });
  destroyOnAbort(tcp, signal);
  wire.watch(tcp);
  try {
    await ready(tcp, 'connect', options.timeoutMs);
    if (!secure) return tcp;
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const tls = tlsConnect({
      socket: tcp,
      host: name,
      servername: isIP(name) === 0 ? name : undefined,
      minVersion: 'TLSv1.2',
      // Stated although it is the default, which a Node environment variable can disable.
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      ca: options.ca,
      secureContext: options.secureContext,
    });
    destroyOnAbort(tls, signal);
    await ready(tls, 'secureConnect');
    return tls;
  } catch (error) {
    tcp.destroy();
    throw wire.failure ?? error;
  }
}

function destroyOnAbort(socket: Socket, signal: AbortSignal): void {
  const destroy = () => socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', destroy));
}

function ready(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: string) => reject(Object.assign(new Error(code), { code }));
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => fail('ETIMEDOUT'), timeoutMs);
    socket.once(event, () => resolve());
    // Stays for the life of the socket: an unhandled error event would end the process.
    socket.on('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      fail('ECONNRESET');
    });
    socket.once(event, () => clearTimeout(timer));
  });
}
