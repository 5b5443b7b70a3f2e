import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ServiceError } from '../errors.ts';
import { openConnection } from './connect.ts';
import type { ConnectOptions } from './open.ts';
import { send } from './send.ts';
import type { Wire } from './wire.ts';

/** Progress of a fetch: host resolved, connected, response started, body received. */
export type FetchStep = 'resolved' | 'connected' | 'answered' | 'received';

/** Called at each step; redirects repeat steps. */
export type OnStep = (step: FetchStep) => void;

export interface ExchangeRequest {
  /** @default GET */
  readonly method?: string;
  /** Fields by their names in lower case. `host`, `connection` and the body's length are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** @default - none */
  readonly body?: string | Uint8Array | undefined;
}

export interface ExchangeOptions extends ConnectOptions {
  /** Called at `connected` and `answered`. */
  readonly onStep?: OnStep | undefined;
  /** Counts the bytes of this exchange, and of others of the same work. */
  readonly wire: Wire;
}

/**
 * One request on its own connection.
 *
 * @param use reads the response; the connection is destroyed when it is done
 * @param signal aborts the exchange at any point, with its reason
 * @throws ServiceError `upstream_failed` with the code of the failure as reason; errors of `use`
 */
export async function exchange<T>(
  url: URL,
  addresses: readonly string[],
  { method = 'GET', headers, body }: ExchangeRequest,
  signal: AbortSignal,
  options: ExchangeOptions,
  use: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  let socket: Socket | undefined;
  try {
    socket = await openConnection(url, addresses, { ...options, signal });
    options.onStep?.('connected');
    const path = `${url.pathname}${url.search}`;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const fields = { host: url.host, ...headers, connection: 'close', ...length };
    const response = await send(socket, options.wire, { method, path, headers: fields }, body);
    options.onStep?.('answered');
    return await use(response);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceError) throw error;
    // The error itself may contain the URL and its query; only its code is passed on.
    const cause = (options.wire.failure ?? error) as NodeJS.ErrnoException;
    const code = cause.code ?? cause.name;
    throw new ServiceError('upstream_failed', { reason: `${method} failed: ${code}` });
  } finally {
    socket?.destroy();
  }
}
