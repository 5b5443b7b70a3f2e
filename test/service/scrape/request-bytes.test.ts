import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import { PAGE_HEADERS } from '../../../service/scrape/fetch-page.ts';
import { createWebScrapingAiEngine } from '../../../service/scrape/webscraping-ai.ts';
import { createTurns } from '../../../service/turns.ts';
import { edge, resolver } from '../../support/network.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { entry, TOKENS } from '../support/tokens.ts';
import { createScrapers } from './support/scrapers.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const USER = 'person-4711';
const CLIENT = 'connector-of-acme';
const NAMES = { 'first.example.org': ['93.184.216.34'], 'second.example.net': ['93.184.216.99'] };

/** Headers of a call that a tracing client or a proxy sends. No host may get any of it. */
const OF_CLIENT = {
  traceparent: TRACEPARENT,
  tracestate: 'acme=state-of-the-trace',
  baggage: 'userId=baggage-of-the-user',
  'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`,
  'x-forwarded-for': '203.0.113.77',
  'x-request-id': 'request-id-of-the-client',
  cookie: 'session=cookie-of-the-client',
  'user-agent': 'agent-of-the-client/1.0',
  'x-user': 'header-with-the-user',
};
const SECRET_TEXTS = [
  ...[TRACE, PARENT, USER, CLIENT, TOKENS.alice],
  ...Object.values(OF_CLIENT).map((value) => value.split('=').at(-1) as string),
];

/** Sends these to another page; the last is a page. */
const LOCATIONS: Readonly<Record<string, string>> = {
  '/start': '/moved',
  '/moved': 'http://second.example.net/other',
  '/other': 'http://first.example.org/page',
};

/** A host that keeps the bytes of each connection, below any HTTP parser. */
let host: Server;
let port: number;
let connections: Buffer[][];
beforeAll(async () => {
  host = createServer((socket: Socket) => {
    const pieces: Buffer[] = [];
    connections.push(pieces);
    socket
      .on('error', () => {})
      .on('data', (piece) => {
        pieces.push(piece);
        const [, path = ''] = /^\S+ (\S+) .*\r\n\r\n/s.exec(Buffer.concat(pieces).toString('latin1')) ?? [];
        if (path === '') return;
        const location = LOCATIONS[path];
        socket.end(
          location === undefined
            ? 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<p>a page</p>'
            : `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`,
        );
      });
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  ({ port } = host.address() as AddressInfo);
});
afterAll(() => void host.close());
beforeEach(() => {
  connections = [];
});

const texts = () => connections.map((pieces) => Buffer.concat(pieces).toString('latin1'));

async function start(engine: ReturnType<typeof createDirectEngine>): Promise<RunningApp> {
  const token = { ...entry(TOKENS.alice, CLIENT, ['scrape']), userId: USER };
  return startApp({
    tools: createScrapers(engine, { deadlineMs: 2000 }),
    tokenDocument: async () => JSON.stringify({ tokens: [token] }),
  });
}

/** Calls of both tools in both eras, with the trace in the header and in `_meta`. */
async function callAll(app: RunningApp, url: string): Promise<void> {
  const meta = { traceparent: TRACEPARENT, tracestate: OF_CLIENT.tracestate, baggage: OF_CLIENT.baggage };
  for (const [name, more] of [
    ['scrape_url', {}],
    ['scrape_with_selector', { selector: 'p' }],
  ] as const) {
    const input = { url, ...more };
    const legacy = callOf(name, input) as { params: object };
    const { body, headers } = modern('tools/call', { name, arguments: input });
    const messages = [
      [{ ...legacy, params: { ...legacy.params, _meta: meta } }, {}],
      [{ ...body, params: { ...body.params, _meta: { ...body.params._meta, ...meta } } }, headers],
    ] as const;
    for (const [message, own] of messages) {
      const response = await app.post(message, { ...OF_CLIENT, ...own });
      expect(await response.text()).toContain('a page');
    }
  }
  // The trace did arrive: it is in the records.
  expect((await app.audit(4)).map(({ traceId, userId }) => [traceId, userId])).toEqual(
    Array(4).fill([TRACE, USER]),
  );
}

describe('the bytes that a host gets', () => {
  test('are the same for every caller: no trace, no user and no header of the client, also after redirects', async () => {
    const engine = createDirectEngine({
      turns: createTurns(),
      allowedDomains: ['*'],
      maxBytes: 1000,
      resolve: resolver(NAMES).resolve,
      connect: edge(port).connect,
    });
    const app = await start(engine);
    await callAll(app, 'http://first.example.org/start');
    await app.stop();

    const { 'accept-encoding': encoding, ...others } = PAGE_HEADERS;
    const fields = (name: string) =>
      Object.entries({ host: name, 'accept-encoding': encoding, ...others, connection: 'close' }).map(
        ([key, value]) => `${key}: ${value}`,
      );
    const request = (path: string, name: string) =>
      [`GET ${path} HTTP/1.1`, ...fields(name), '', ''].join('\r\n');
    const chain = [
      request('/start', 'first.example.org'),
      request('/moved', 'first.example.org'),
      request('/other', 'second.example.net'),
      request('/page', 'first.example.org'),
    ];
    expect(texts()).toEqual([...chain, ...chain, ...chain, ...chain]);
  });

  test('of the scraping API have no trace, no user and no header of the client either', async () => {
    const engine = createWebScrapingAiEngine({
      turns: createTurns(),
      apiKey: async () => 'key-of-the-api',
      allowedDomains: ['*'],
      timeoutMs: 1000,
      maxBytes: 1000,
      baseUrl: `http://127.0.0.1:${port}`,
    });
    const app = await start(engine);
    await callAll(app, 'http://first.example.org/page');
    await app.stop();
    expect(texts()).toHaveLength(4);
    for (const text of texts()) for (const secret of SECRET_TEXTS) expect(text).not.toContain(secret);
    const names = texts().map((text) => [...text.matchAll(/^([\w-]+): /gm)].map(([, name]) => name).sort());
    expect(names).toEqual(Array(4).fill(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']));
  });
});
