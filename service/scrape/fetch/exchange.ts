import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ServiceError } from '../../errors.ts';
import { send } from '../../outgoing/send.ts';
import type { Wire } from '../../outgoing/wire.ts';
import { VERSION } from '../../version.ts';
import type { OnStep } from '../engine.ts';
import { type ConnectOptions, openConnection } from './connect.ts';

/** Headers of every request. They reveal nothing of the caller, the process or the machine. */
const HEADERS = {
  'user-agent': `hardened-mcp/${VERSION} (web page reader)`,
  accept: 'text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.8,application/xml;q=0.8',
  'accept-encoding': 'gzip, br',
  connection: 'close',
};

export interface ExchangeOptions extends ConnectOptions {
  /** Called at `connected` and `answered`. */
  readonly onStep?: OnStep | undefined;
  /** Counts the bytes of this exchange, and of others of the same scrape. */
  readonly wire: Wire;
}

/**
 * One GET request on its own connection.
 *
 * @param use reads the response; the connection is destroyed when it is done
 * @param signal aborts the exchange at any point, with its reason
 * @throws ServiceError `upstream_failed` with the code of the failure as reason; errors of `use`
 */
export async function exchange<T>(
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
  options: ExchangeOptions,
  use: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  let socket: Socket | undefined;
  try {
    socket = await openConnection(url, addresses, { ...options, signal });
    options.onStep?.('connected');
    const path = `${url.pathname}${url.search}`;
    const response = await send(socket, options.wire, { path, headers: { host: url.host, ...HEADERS } });
    options.onStep?.('answered');
    return await use(response);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceError) throw error;
    // The error itself may contain the URL and its query; only its code is passed on.
    const cause = (options.wire.failure ?? error) as NodeJS.ErrnoException;
    const code = cause.code ?? cause.name;
    throw new ServiceError('upstream_failed', { reason: `GET failed: ${code}` });
  } finally {
    socket?.destroy();
  }
}
