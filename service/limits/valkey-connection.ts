import { randomUUID } from 'node:crypto';
import { createValkeyClient, type ValkeyClient, type ValkeyServer } from './valkey-client.ts';

export interface ValkeyConnectionOptions {
  readonly server: ValkeyServer;
  /** Called for every connection, so that a rotated password is used for the next one. @default - none is sent */
  readonly password?: (() => Promise<string>) | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called once when an outage begins. */
  readonly onDown: (cause: unknown) => void;
  /** Called once when it ends. */
  readonly onUp: () => void;
  /** Called when an old connection could not be replaced; it stays in use. */
  readonly onNotReplaced: (cause: unknown) => void;
  /** Milliseconds after which a new connection replaces the one in use. @default 3600000 */
  readonly lifetimeMs?: number;
}

export interface ValkeyConnection {
  /** Resolves when the first attempt has succeeded or failed, at most 2 s after the password was read. */
  readonly attempted: Promise<void>;
  /** @throws at once while the server is down, otherwise within 250 ms */
  consume(key: string, limit: number): Promise<number>;
  close(): void;
}

const DOWN = 'the rate limit store is down';
/** Longest wait for a reply, in milliseconds. Within a network it takes about a millisecond. */
const REPLY_MS = 250;
/** Longest wait for a working connection, in milliseconds: TCP, TLS, AUTH and a first run of the script. */
const CONNECT_MS = 2000;
/** First pause between attempts, in milliseconds; doubled up to the next constant, minus up to half at random. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/**
 * Lifetime of a connection, in milliseconds. ElastiCache ends a connection 12 hours after IAM authentication, so eleven
 * attempts to replace it may fail. A client that lost its permission is noticed within this time.
 */
export const LIFETIME_MS = 3_600_000;

/**
 * Keeps one connection to the server. An error, an error reply or a timeout ends it, so that nothing queues up behind a
 * server that hangs; calls then fail at once until a new connection has proven itself. An old connection is replaced
 * before it ends, and no call fails because of that.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the functions share the state of one connection
export function connectValkey(options: ValkeyConnectionOptions): ValkeyConnection {
  const { server, now, lifetimeMs = LIFETIME_MS } = options;
  let client: ValkeyClient | undefined;
  let upSince = 0;
  let attempting = false;
  let opening: ValkeyClient | undefined;
  const replaced = new Set<ValkeyClient>();
  let next: NodeJS.Timeout | undefined;
  let failures = 0;
  let down = false;
  let closed = false;

  async function attempt(): Promise<void> {
    attempting = true;
    try {
      const password = await options.password?.();
      const made = await createValkeyClient(server, password, (cause) => lose(made, cause));
      if (closed) return;
      opening = made;
      await inTime(prove(made), CONNECT_MS);
      if (closed) return;
      attempting = false;
      take(made);
    } catch (cause) {
      opening?.destroy();
      attempting = false;
      fail(cause);
    } finally {
      opening = undefined;
    }
  }

  function take(made: ValkeyClient): void {
    const old = client;
    client = made;
    upSince = now();
    if (down) options.onUp();
    down = false;
    attemptIn(lifetimeMs);
    if (old === undefined) return;
    // By then every call on it has its reply, or has timed out.
    replaced.add(old);
    setTimeout(() => {
      replaced.delete(old);
      old.destroy();
    }, 2 * REPLY_MS).unref();
  }

  function lose(lost: ValkeyClient, cause: unknown): void {
    if (lost !== client) return;
    client = undefined;
    lost.destroy();
    // A server that fails soon after each connection gets the longer pauses.
    if (now() - upSince >= LONGEST_PAUSE_MS) failures = 0;
    fail(cause);
  }

  function fail(cause: unknown): void {
    if (closed) return;
    if (client !== undefined) {
      options.onNotReplaced(cause);
      attemptIn(lifetimeMs);
      return;
    }
    if (!down) options.onDown(cause);
    down = true;
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    failures += 1;
    attemptIn(longest * (1 - Math.random() / 2));
  }

  /** One attempt at a time. A replacement attempt also serves when the connection is lost meanwhile. */
  function attemptIn(milliseconds: number): void {
    if (attempting) return;
    clearTimeout(next);
    next = setTimeout(() => void attempt(), milliseconds).unref();
  }

  return {
    attempted: attempt(),
    async consume(key, limit) {
      const current = client;
      if (current === undefined) throw new Error(DOWN);
      try {
        return await inTime(current.consume(key, limit), REPLY_MS);
      } catch (cause) {
        // Only the call that noticed the failure knows the cause; the others see a closed connection.
        const first = current === client;
        lose(current, cause);
        throw first ? cause : new Error(DOWN);
      }
    },
    close() {
      closed = true;
      clearTimeout(next);
      for (const each of [opening, client, ...replaced]) each?.destroy();
      client = undefined;
    },
  };
}

/** Opens the connection and counts one event, because a server may accept connections but refuse writes. */
async function prove(client: ValkeyClient): Promise<void> {
  await client.open();
  await client.consume(`mcp:probe:${randomUUID()}`, 1);
}

/**
 * The result of `work`, or a rejection after `timeoutMs`. The time is counted in five parts: while this process is busy
 * its timers are late and replies wait unread; that costs one part and is not mistaken for a silent server.
 */
function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let parts = 5;
    const timer = setInterval(() => {
      parts -= 1;
      if (parts > 0) return;
      clearInterval(timer);
      reject(new Error(`the rate limit store did not answer within ${timeoutMs} ms`));
    }, timeoutMs / parts);
    work.finally(() => clearInterval(timer)).then(resolve, reject);
  });
}
