import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ServiceError } from '../../service/errors.ts';
import type { TcpConnect } from '../../service/outgoing/open.ts';
import type { Resolver } from '../../service/outgoing/resolver.ts';

/** A signal that never aborts. */
export const never = new AbortController().signal;

export interface LoopbackServer {
  readonly server: Server;
  readonly port: number;
  readonly origin: string;
  /** Connections opened so far. */
  connections(): number;
  close(): Promise<void>;
}

/** A real HTTP server on a free loopback port. */
export async function startServer(listener: RequestListener): Promise<LoopbackServer> {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    origin: `http://127.0.0.1:${port}`,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The edge of a public network: records the target of each connection, and redirects it to a loopback port. */
export function edge(port = 1): { readonly connect: TcpConnect; readonly targets: string[] } {
  const targets: string[] = [];
  return {
    targets,
    connect: ({ host, port: asked }) => {
      targets.push(`${host} ${asked}`);
      return connect({ host: '127.0.0.1', port });
    },
  };
}

/** A resolver with fixed answers that counts its calls. */
export function resolver(answers: Readonly<Record<string, readonly string[]>>): {
  readonly resolve: Resolver;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    async resolve(hostname) {
      asked.push(hostname);
      const addresses = answers[hostname];
      if (addresses === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
  };
}

/** The error with which a promise rejects, as `code: reason`; fails the test unless it is a ServiceError. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.code}: ${error.reason}`;
  }
  return 'no refusal';
}
