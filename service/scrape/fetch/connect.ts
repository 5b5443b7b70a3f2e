import { isIP, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { addressLiteral } from './url-guard.ts';

/** How long one address may take to accept a connection before the next is tried, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 3_000;
/** Addresses tried, in the resolver's order. */
const MAX_ATTEMPTS = 4;

/** The edge of the network: opens a TCP connection to an IP address, never to a name. */
export type TcpConnect = (target: { readonly host: string; readonly port: number }) => Socket;

export interface ConnectOptions {
  /** @default - node:net */
  readonly connect?: TcpConnect;
  /** Certificate authorities in PEM. @default - those of the runtime */
  readonly ca?: string;
}

/**
 * Opens a connection for a URL to one of the given addresses; for https also TLS 1.2 or later, verified for the
 * URL's host. Since only addresses are connected to, no second resolution can lead elsewhere.
 *
 * @param signal destroys the socket as long as it lives, not only while it connects
 */
export async function openConnection(
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  options: ConnectOptions,
): Promise<Socket> {
  let failure: unknown;
  for (const address of addresses.slice(0, MAX_ATTEMPTS)) {
    signal.throwIfAborted();
    const secure = url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const tcp = (options.connect ?? netConnect)({ host: address, port });
    destroyOnAbort(tcp, signal);
    try {
      await ready(tcp, 'connect', ATTEMPT_TIMEOUT_MS);
      if (!secure) return tcp;
      const host = addressLiteral(url) ?? url.hostname;
      const tls = tlsConnect({
        socket: tcp,
        host,
        servername: isIP(host) === 0 ? host : undefined,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
        ca: options.ca,
      });
      destroyOnAbort(tls, signal);
      await ready(tls, 'secureConnect');
      return tls;
    } catch (error) {
      tcp.destroy();
      failure = error;
    }
  }
  signal.throwIfAborted();
  throw failure;
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
    // Stays for the life of the socket: an error nobody listens to would end the process.
    socket.on('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      fail('ECONNRESET');
    });
    socket.once(event, () => clearTimeout(timer));
  });
}
