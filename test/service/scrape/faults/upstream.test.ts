import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bomb, GIGABYTE, HEAD, pour, redirect, trickle } from '../../../faults/support/pages.ts';
import { callOf } from '../../support/start-app.ts';
import { until } from '../../support/until.ts';
import { type PageText, readPageText } from '../support/page-text.ts';
import { type Answered, type FaultServer, figure, startServer } from './support/server.ts';

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 2000;
/** Bytes that the operating system and the HTTP parser read before the service does. */
const SLACK = 256 * 1024;

const TIMEOUT = {
  text: 'The call did not finish in time',
  outcome: 'timeout',
  errorCode: 'deadline_exceeded',
};
const FAILED = { text: 'The page could not be fetched', outcome: 'tool_error', errorCode: 'upstream_failed' };
const REFUSED = 'This URL may not be fetched from here';

let upstream: Server;
let behave: (socket: Socket) => void;
let connections = 0;
let server: FaultServer;

beforeAll(async () => {
  upstream = createServer((socket) => {
    connections += 1;
    // The page begins only after the request.
    socket.on('error', () => {}).once('data', () => behave(socket));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  server = await startServer({
    SCRAPE_ALLOWED_DOMAINS: '*',
    SCRAPE_TIMEOUT_MS: String(TIMEOUT_MS),
    SCRAPE_MAX_BYTES: String(MAX_BYTES),
    FAULT_NAMES: JSON.stringify({
      'page.example.com': [['93.184.216.34']],
      'moves.example.com': [['93.184.216.34'], ['127.0.0.1']],
    }),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': port, '127.0.0.1': port }),
  });
});
afterAll(() => {
  server.child.kill('SIGKILL');
  upstream.close();
});

/** Calls the page. @returns the result, and the bytes that the server read from its closed connections */
async function scrape(
  host = 'page.example.com',
): Promise<Answered & { bytesRead: number; page: PageText | undefined }> {
  connections = 0;
  const before = server.stderr().length;
  const answer = await server.post(
    callOf('scrape_url', { url: `http://${host}/`, format: 'text', maxCharacters: MAX_BYTES }),
  );
  const closed = () => [
    ...server
      .stderr()
      .slice(before)
      .matchAll(/"edge_closed".*"bytesRead":(\d+)/g),
  ];
  await until(() => closed().length === connections, server.stderr);
  const bytesRead = closed().reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  const { result } = JSON.parse(answer.text) as { result: { content: [{ text: string }] } };
  const { text } = result.content[0];
  return { ...answer, bytesRead, page: text.startsWith('The title') ? readPageText(text) : undefined };
}

test.each([
  ['hangs before its answer', () => {}, TIMEOUT],
  ['trickles one byte a second', trickle, TIMEOUT],
  [
    'says it is longer than it is, and ends',
    (socket: Socket) => socket.end(`${HEAD}Content-Length: 1000\r\n\r\nshort`),
    FAILED,
  ],
  [
    'says it is longer than it is, and waits',
    (socket: Socket) => socket.write(`${HEAD}Content-Length: 1000\r\n\r\nshort`),
    TIMEOUT,
  ],
  ['redirects forever', redirect, FAILED],
] as const)('a page that %s', async (what, behaviour, { text, outcome, errorCode }) => {
  behave = behaviour;
  const answer = await scrape();
  expect([answer.status, answer.said]).toEqual([200, text]);
  expect(answer.ms).toBeLessThan(TIMEOUT_MS + 1000);
  expect(connections).toBe(behaviour === redirect ? 6 : 1);
  expect(await server.recordsOf(answer.requestId)).toMatchObject([{ outcome, errorCode }]);
  const afterwards = await server.healthy();
  figure(`upstream ${what}`, {
    client: `200 "${text}"`,
    ms: answer.ms,
    bytesRead: answer.bytesRead,
    connections,
    audit: `${outcome} ${errorCode}`,
    afterwards,
  });
});

test.each([
  [
    'says it has 10 GB and sends them',
    (socket: Socket) => {
      socket.write(`${HEAD}Content-Length: ${10 * GIGABYTE}\r\n\r\n`);
      pour(socket, 10 * GIGABYTE);
    },
    MAX_BYTES,
  ],
  [
    'never ends and has no length',
    (socket: Socket) => {
      socket.write(`${HEAD}Connection: close\r\n\r\n`);
      pour(socket, Number.POSITIVE_INFINITY);
    },
    MAX_BYTES,
  ],
  ['is a bomb of 1 GB of zeros', bomb, MAX_BYTES],
  [
    'says it is shorter than it is',
    (socket: Socket) => socket.end(`${HEAD}Content-Length: 5\r\n\r\nshort and more`),
    5,
  ],
] as const)('a page that %s is cut off at its bound', async (what, behaviour, bound) => {
  behave = behaviour;
  const grown = server.watchMemory();
  const answer = await scrape();
  const grownKiB = grown();
  expect([answer.status, answer.said]).toEqual([200, undefined]);
  expect(answer.page?.truncated).toBe(bound === MAX_BYTES);
  expect(answer.page?.content.length).toBeLessThanOrEqual(bound);
  expect(answer.bytesRead).toBeLessThan(bound + SLACK);
  expect(grownKiB).toBeLessThan(128 * 1024);
  expect(await server.recordsOf(answer.requestId)).toMatchObject([{ outcome: 'ok' }]);
  const afterwards = await server.healthy();
  figure(`upstream ${what}`, {
    client: `200, ${answer.page?.content.length} characters, truncated ${answer.page?.truncated}`,
    ms: answer.ms,
    bytesRead: answer.bytesRead,
    grownKiB,
    audit: 'ok',
    afterwards,
  });
});

test('a name that changes its address between lookups is checked each time, and the new address is never connected to', async () => {
  behave = redirect;
  const answer = await scrape('moves.example.com');
  expect([answer.status, answer.said]).toEqual([200, REFUSED]);
  expect(connections).toBe(1);
  expect(await server.recordsOf(answer.requestId)).toMatchObject([
    {
      outcome: 'tool_error',
      errorCode: 'redirect_refused',
      reason: expect.stringContaining('127.0.0.1 is loopback'),
    },
  ]);
  expect(server.stderr()).not.toContain('"edge_closed","host":"127.0.0.1"');
  const again = await scrape('moves.example.com');
  expect([again.status, again.said, connections]).toEqual([200, REFUSED, 0]);
  const afterwards = await server.healthy();
  figure('upstream changes its address', {
    client: `200 "${REFUSED}"`,
    ms: answer.ms,
    connections: 1,
    audit: 'tool_error redirect_refused',
    afterwards,
  });
});
