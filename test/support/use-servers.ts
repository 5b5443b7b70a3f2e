import type { RequestListener } from 'node:http';
import { afterEach } from '@jest/globals';
import { type LoopbackServer, startServer } from './network.ts';

export interface Servers {
  /** A real HTTP server until the end of the test. */
  serve(listener: RequestListener): Promise<LoopbackServer>;
  /** Runs at the end of the test. */
  atEnd(close: () => unknown): void;
}

/** Call it where hooks may be declared. */
export function useServers(): Servers {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  return {
    async serve(listener) {
      const server = await startServer(listener);
      closing.push(server.close);
      return server;
    },
    atEnd: (close) => void closing.push(close),
  };
}
