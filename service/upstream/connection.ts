import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type PriorDiscovery,
  ProtocolError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { createBoundedFetch } from './bounded-fetch.ts';
import { createBoundedValidator, createTimeBox } from './bounded-validator.ts';

export interface ConnectionOptions {
  /** The server's endpoint. */
  readonly url: URL;
  /**
   * `per-request`: each call has a session of its own, so nothing of one client's call is there in another's. `shared`:
   * all calls use one session, for servers whose start takes long; state in it reaches every client.
   */
  readonly session: 'per-request' | 'shared';
  /** Largest response in bytes; with a shared session, of each response. */
  readonly maxBytes: number;
  /** Version of this service, which the server is told. */
  readonly version: string;
}

export interface Connection {
  /**
   * Does work with a client that is connected to the server, in the era that the server speaks.
   *
   * @throws the signal's reason; an error of the SDK or of the network
   */
  use<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T>;
}

/** Time to end a session after a call, in milliseconds. */
const END_MS = 2000;
/** Time for the notification of a cancelled call to reach the server, in milliseconds. */
const CANCEL_MS = 100;
/** Time to begin a shared session, in milliseconds. */
const CONNECT_MS = 10_000;
/** Longest life of a shared session, in milliseconds: an hour. */
const SHARED_MS = 3_600_000;

/** Connects to the MCP server behind this one. It is sent no token of a client. */
export function createConnection(options: ConnectionOptions): Connection {
  const validator = createBoundedValidator(createTimeBox());
  let prior: PriorDiscovery | undefined;
  let shared: Promise<Open> | undefined;

  async function open(life: AbortSignal, signal: AbortSignal): Promise<Open> {
    const failure = new AbortController();
    const fail = (error: unknown) => failure.abort(error);
    const transport = new StreamableHTTPClientTransport(options.url, {
      fetch: createBoundedFetch(options.maxBytes, life, fail),
      reconnectionOptions: {
        maxRetries: 0,
        initialReconnectionDelay: 1000,
        maxReconnectionDelay: 1000,
        reconnectionDelayGrowFactor: 1,
      },
    });
    const client = new Client(
      { name: 'hardened-mcp', version: options.version },
      {
        // No capability: the server may ask for no input, no model and no files of the client.
        capabilities: {},
        inputRequired: { autoFulfill: false },
        versionNegotiation: { mode: 'auto' },
        jsonSchemaValidator: validator,
      },
    );
    const known = prior;
    try {
      await client.connect(transport, { signal, ...(known && { prior: known }) });
    } catch (error) {
      // The server may speak another era since it was updated.
      prior = undefined;
      throw error;
    }
    const discover = client.getDiscoverResult();
    prior = discover === undefined ? { kind: 'legacy' } : { kind: 'modern', discover };
    return { client, transport, failure: failure.signal };
  }

  async function close({ client, transport }: Open, cancelled: boolean): Promise<void> {
    if (cancelled) await sleep(CANCEL_MS);
    await transport.terminateSession().catch(() => {});
    await client.close().catch(() => {});
  }

  async function perRequest<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    const life = new AbortController();
    const opened = await open(life.signal, signal);
    try {
      return await untilFailure(opened, work);
    } finally {
      const timer = setTimeout(() => life.abort(new Error('the session did not end in time')), END_MS);
      // The response does not wait for the end of the session.
      void close(opened, signal.aborted).finally(() => clearTimeout(timer));
    }
  }

  async function inShared<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    shared ??= open(AbortSignal.timeout(SHARED_MS), AbortSignal.timeout(CONNECT_MS));
    const mine = shared;
    try {
      const opened = await mine;
      signal.throwIfAborted();
      return await untilFailure(opened, work);
    } catch (error) {
      // An error that the server itself responded with leaves the session as it is; after another the next call begins one.
      if (shared === mine && !signal.aborted && !(error instanceof ProtocolError)) {
        shared = undefined;
        void mine.then((opened) => close(opened, false)).catch(() => {});
      }
      throw error;
    }
  }

  return { use: options.session === 'shared' ? inShared : perRequest };
}

interface Open {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  /** Aborts when a stream of events has failed, with its error. */
  readonly failure: AbortSignal;
}

async function untilFailure<T>({ client, failure }: Open, work: (client: Client) => Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const fail = () => reject(failure.reason);
    failure.addEventListener('abort', fail, { once: true });
    if (failure.aborted) fail();
    work(client)
      .finally(() => failure.removeEventListener('abort', fail))
      .then(resolve, reject);
  });
}
