import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { ServiceError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { OnStep } from '../engine.ts';
import { type ConnectOptions, openConnection } from './connect.ts';

/** Largest header section of an answer in bytes; Node's own default, stated so that a flag cannot raise it. */
const MAX_HEADER_BYTES = 16 * 1024;

/** The same for every request: nothing of the caller, the process or the machine leaves with it. */
const HEADERS = {
  'user-agent': `hardened-mcp/${VERSION} (web page reader)`,
  accept: 'text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.8,application/xml;q=0.8',
  'accept-encoding': 'gzip, br',
  connection: 'close',
};

export interface ExchangeOptions extends ConnectOptions {
  /** Hears of `connected` and `answered`. */
  readonly onStep?: OnStep | undefined;
}

/**
 * One GET request on a connection of its own.
 *
 * @param use reads what it wants of the answer; the connection is destroyed when it is done
 * @param signal ends the exchange at any point with its reason
 * @throws ServiceError `upstream_failed` with the code of the failure as reason; what `use` throws
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
    socket = await openConnection(url, addresses, signal, options);
    options.onStep?.('connected');
    const response = await send(url, socket);
    options.onStep?.('answered');
    return await use(response);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceError) throw error;
    // The error itself may carry the URL and its query; only its code goes on.
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    throw new ServiceError('upstream_failed', { reason: `GET failed: ${code}` });
  } finally {
    socket?.destroy();
  }
}

function send(url: URL, socket: Socket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const message = request({
      createConnection: () => socket,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...HEADERS },
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
    });
    message.on('response', resolve);
    message.on('error', reject);
    message.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    message.end();
  });
}
