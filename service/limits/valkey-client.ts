import { isIP } from 'node:net';
import type { CommandParser } from '@redis/client';
import { WINDOW_MS } from './rate-limiter.ts';
import { WINDOW_SCRIPT } from './valkey-script.ts';

/** Where a Valkey or Redis server listens. */
export interface ValkeyServer {
  readonly host: string;
  readonly port: number;
  /** Whether the connection is encrypted and the server's certificate verified. */
  readonly tls: boolean;
  /** ACL user. @default - the server's default user */
  readonly username?: string | undefined;
}

/** One connection, from its opening to its end. It does not come back: whoever needs it makes another. */
export interface ValkeyClient {
  open(): Promise<void>;
  /** Runs the script, in one round trip unless the server does not know it yet. */
  consume(key: string, limit: number): Promise<number>;
  /** Ends the connection in whatever state it is; what waits for an answer rejects. */
  destroy(): void;
}

/** Answers waited for at once. Far more than a server that answers ever lets gather. */
const MAX_PENDING = 10_000;

/** @param onLost called with the cause when the open connection breaks */
export async function createValkeyClient(
  server: ValkeyServer,
  password: string | undefined,
  onLost: (cause: unknown) => void,
): Promise<ValkeyClient> {
  const { host, port, tls } = server;
  // Loaded on first use: only who shares limits waits for it.
  const { createClient, defineScript } = await import('@redis/client');
  const ending = new AbortController();
  const consume = defineScript({
    SCRIPT: WINDOW_SCRIPT,
    NUMBER_OF_KEYS: 1,
    parseCommand(parser: CommandParser, key: string, limit: number) {
      parser.pushKey(key);
      parser.push(String(limit), String(WINDOW_MS * 1000));
    },
    transformReply: undefined as unknown as () => number,
  });
  // The client's own destroy does not reach a socket that is still connecting; its signal does.
  const socket = { host, port, reconnectStrategy: false, signal: ending.signal } as const;
  const client = createClient({
    scripts: { consume },
    socket: tls
      ? // Said although it is the default, which a variable of Node's can turn around.
        { ...socket, tls, rejectUnauthorized: true, ...(isIP(host) === 0 && { servername: host }) }
      : socket,
    ...(password !== undefined && { username: server.username, password }),
    // Nothing but AUTH before the first script, so that a user may be allowed nothing else.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_PENDING,
    // The library's own covers the time until a command is written only.
    commandOptions: { timeout: 0 },
  });
  client.on('error', onLost);

  return {
    async open() {
      await client.connect();
    },
    async consume(key, limit) {
      const wait: unknown = await client.consume(key, limit);
      if (typeof wait === 'number' && wait >= 0 && wait <= WINDOW_MS / 1000) return wait;
      throw new Error('the rate limit script was answered with something else than seconds');
    },
    destroy() {
      client.destroy();
      ending.abort();
    },
  };
}
