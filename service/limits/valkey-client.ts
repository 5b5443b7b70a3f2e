import { isIP } from 'node:net';
import type { CommandParser } from '@redis/client';
import { WINDOW_MS } from './rate-limiter.ts';
import { WINDOW_SCRIPT } from './valkey-script.ts';

/** Address of a Valkey or Redis server. */
export interface ValkeyServer {
  readonly host: string;
  readonly port: number;
  /** Whether the connection is encrypted and the server's certificate verified. */
  readonly tls: boolean;
  /** ACL user. @default - the server's default user */
  readonly username?: string | undefined;
}

/** One connection, from its opening to its end. It does not reconnect: the caller opens another. */
export interface ValkeyClient {
  open(): Promise<void>;
  /** Runs the script, in one round trip unless the server does not have it loaded. */
  consume(key: string, limit: number): Promise<number>;
  /** Closes the connection in any state; pending calls reject. */
  destroy(): void;
}

/** Maximum pending replies. Far more than a responsive server ever accumulates. */
const MAX_PENDING = 10_000;

/** @param onLost called with the cause when the open connection breaks */
export async function createValkeyClient(
  server: ValkeyServer,
  password: string | undefined,
  onLost: (cause: unknown) => void,
): Promise<ValkeyClient> {
  const { host, port, tls } = server;
  // Loaded on first use: only a service with a store waits for it.
  const { createClient, defineScript } = await import('@redis/client');
  const ending = new AbortController();
  const consume = defineScript({
    SCRIPT: WINDOW_SCRIPT,
    NUMBER_OF_KEYS: 1,
    parseCommand(parser: CommandParser, key: string, limit: number) {
      parser.pushKey(key);
      parser.push(String(limit), String(WINDOW_MS * 1000));
    },
    transformReply: (reply: unknown) => reply,
  });
  // The client's own destroy does not reach a socket that is still connecting; its signal does.
  const socket = { host, port, reconnectStrategy: false, signal: ending.signal } as const;
  const client = createClient({
    scripts: { consume },
    socket: tls
      ? // Stated although it is the default, which a Node environment variable can disable.
        { ...socket, tls, rejectUnauthorized: true, ...(isIP(host) === 0 && { servername: host }) }
      : socket,
    ...(password !== undefined && { username: server.username, password }),
    // Sends only AUTH before the first script, so that a user needs no other permission.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_PENDING,
    // The library's own timeout only covers the time until a command is written.
    commandOptions: { timeout: 0 },
  });
  client.on('error', onLost);

  return {
    async open() {
      await client.connect();
    },
    async consume(key, limit) {
      const wait = await client.consume(key, limit);
      if (typeof wait === 'number' && wait >= 0 && wait <= WINDOW_MS / 1000) return wait;
      throw new Error('the rate limit script returned something other than seconds');
    },
    destroy() {
      client.destroy();
      ending.abort();
    },
  };
}
