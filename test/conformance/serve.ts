import { type RunningApp, startApp } from '../service/support/start-app.ts';
import { entry } from '../service/support/tokens.ts';
import { createFixtureDirect, createFixtureFactory, createFixtures } from './fixtures/index.ts';
import { startTokenProxy, type TokenProxy } from './token-proxy.ts';

const TOKEN = 'conformance-0123456789-abcdefghij';
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface ConformanceServer {
  /** The address that the suite connects to: the proxy that adds the token. */
  readonly url: string;
  readonly app: RunningApp;
  stop(): Promise<void>;
}

/** The production pipeline, authentication on, with the suite's fixtures as its tools, resources and prompts. */
export async function startConformanceServer(): Promise<ConformanceServer> {
  const fixtures = createFixtures();
  const document = JSON.stringify({ tokens: [entry(TOKEN, 'conformance', ['conformance'])] });
  const app = await startApp({
    tools: fixtures.tools,
    createFactory: (options) => createFixtureFactory(fixtures, options),
    createDirect: (options) => createFixtureDirect(fixtures, options),
    tokenDocument: async () => document,
    // As in the local profile: the suite checks that localhost is accepted and other hosts are not.
    transport: {
      hosts: new Set(LOOPBACK),
      allowsOrigin: (origin) => LOOPBACK.includes(URL.parse(origin)?.hostname ?? ''),
      maxBodyBytes: 64 * 1024,
    },
  });
  const proxy: TokenProxy = await startTokenProxy(app.url, TOKEN);
  return {
    url: proxy.url,
    app,
    async stop() {
      proxy.close();
      await app.stop();
    },
  };
}
