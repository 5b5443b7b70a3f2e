import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { certificateFor } from '../edge/support/authority.ts';
import type { StartToolOptions } from './start-tool.ts';

export interface PrivateHost {
  /** For `startTool`: the name has an address of a private network, and its certificate is signed by an own authority. */
  readonly options: Pick<StartToolOptions, 'network' | 'caCertificates'>;
  close(): Promise<void>;
}

/** A host of a company's own network, which listens on loopback. */
export async function startPrivateHost(name: string, listener: RequestListener): Promise<PrivateHost> {
  const { authority, cert, key } = await certificateFor(name);
  const server = createServer({ cert, key }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const network = {
    resolve: async (asked: string) => {
      if (asked !== name) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      return [{ address: '10.20.0.7', family: 4 }];
    },
    connect: () => connect({ host: '127.0.0.1', port }),
  };
  return {
    options: { network, caCertificates: authority },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
