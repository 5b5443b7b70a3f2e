import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { callOf } from '../service/support/start-app.ts';
import { until } from '../service/support/until.ts';
import { FRAMINGS, PAGE_BYTES, singleBytes } from './support/framings.ts';
import { head, openRaw } from './support/raw-client.ts';
import { installNode24 } from './support/runtimes.ts';
import { type Answered, type FaultServer, figure, LIST, startServer } from './support/server.ts';
import { TASK_HEAP } from './support/smallest-task.ts';
import { tinyRecordServer } from './support/tiny-records.ts';

const FAILED = 'The page could not be fetched';
/** Growth in KiB from which a page counts as keeping its pieces. */
const GROWTH_KIB = 128 * 1024;
/** Bytes that one scrape may read from the network (service/outgoing/wire.ts), plus one read. */
const WIRE_BYTES = 2 * PAGE_BYTES + 256 * 1024 + 64 * 1024;

const runtimes = [
  [`Node.js ${process.versions.node}`, undefined],
  ['Node.js 24', installNode24()],
] as const;

describe.each(runtimes)('on %s with the heap of the smallest task', (on, runtime) => {
  let folder: string;
  let page: Server;
  let tlsPage: Server;
  let behave: (socket: Socket) => void;
  let server: FaultServer;

  beforeAll(async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'tls.example.com' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'tls.example.com' }] }],
    } as Parameters<typeof generate>[1]);
    folder = mkdtempSync(join(tmpdir(), 'mcp-framing-'));
    writeFileSync(join(folder, 'ca.pem'), cert);
    page = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => behave(socket));
    }).listen(0, '127.0.0.1');
    tlsPage = tinyRecordServer({ key, cert }, (socket) => behave(socket)).listen(0, '127.0.0.1');
    await Promise.all([once(page, 'listening'), once(tlsPage, 'listening')]);
    const port = (each: Server) => (each.address() as AddressInfo).port;
    server = await startServer(
      {
        SCRAPE_ALLOWED_DOMAINS: '*',
        SCRAPE_MAX_BYTES: String(PAGE_BYTES),
        MCP_TRUSTED_HOPS: '1',
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        FAULT_NAMES: JSON.stringify({
          'page.example.com': [['93.184.216.34']],
          'tls.example.com': [['93.184.216.35']],
          'many.example.com': [Array.from({ length: 1000 }, () => '93.184.216.34')],
        }),
        FAULT_HOSTS: JSON.stringify({ '93.184.216.34': port(page), '93.184.216.35': port(tlsPage) }),
      },
      { node: TASK_HEAP, runtime },
    );
    await server.healthy();
  });
  afterEach(async () => void (await server.healthy()));
  afterAll(() => {
    server.child.kill('SIGKILL');
    page.close();
    tlsPage.close();
    rmSync(folder, { recursive: true });
  });

  const call = (url: string): Promise<Answered> => server.post(callOf('fetch_page', { url }));
  const bytesRead = (since: number) =>
    [
      ...server
        .stderr()
        .slice(since)
        .matchAll(/"edge_closed".*"bytesRead":(\d+)/g),
    ].map(([, n]) => Number(n));

  test.each([1, 2, 4])(
    '%i pages at once in TLS records of one byte use no memory',
    async (pages) => {
      behave = singleBytes;
      const before = server.stderr().length;
      const grown = server.watchMemory();
      const answers = await Promise.all(
        Array.from({ length: pages }, () => call('https://tls.example.com/')),
      );
      const grownKiB = grown();
      expect(answers.map(({ said }) => said)).toEqual(Array(pages).fill(FAILED));
      expect(grownKiB).toBeLessThan(GROWTH_KIB);
      for (const { requestId } of answers) {
        const reason = 'GET failed: TOO_MANY_PIECES';
        expect(await server.recordsOf(requestId)).toMatchObject([{ errorCode: 'upstream_failed', reason }]);
      }
      await until(() => bytesRead(before).length === pages, server.stderr);
      const figures = {
        ms: Math.max(...answers.map(({ ms }) => ms)),
        bytesRead: bytesRead(before),
        grownKiB,
      };
      figure(`upstream sends ${pages} pages in TLS records of one byte`, { on, ...figures, client: FAILED });
    },
    60_000,
  );

  test.each(FRAMINGS)('the scrape of a page that %s is aborted', async (what, behaviour, code) => {
    behave = behaviour;
    const before = server.stderr().length;
    const grown = server.watchMemory();
    const answer = await call('http://page.example.com/');
    const grownKiB = grown();
    expect(answer.said).toBe(FAILED);
    const reason = code === undefined ? 'more than 5 redirects' : `GET failed: ${code}`;
    expect(await server.recordsOf(answer.requestId)).toMatchObject([
      { errorCode: 'upstream_failed', reason: expect.stringMatching(`^${reason}$`) },
    ]);
    expect(answer.ms).toBeLessThan(5000);
    expect(grownKiB).toBeLessThan(GROWTH_KIB);
    await until(() => bytesRead(before).length > 0, server.stderr);
    const read = bytesRead(before).reduce((sum, each) => sum + each, 0);
    expect(read).toBeLessThan(WIRE_BYTES);
    figure(`upstream ${what}`, {
      on,
      client: FAILED,
      ms: answer.ms,
      bytesRead: read,
      grownKiB,
      audit: reason,
    });
  });

  test('a name with 1,000 addresses is not connected to', async () => {
    const { said, requestId } = await call('http://many.example.com/');
    expect(said).toBe(FAILED);
    expect(await server.recordsOf(requestId)).toMatchObject([{ reason: 'dns TOO_MANY_ADDRESSES' }]);
  });

  test.each([
    [100, 200],
    [129, 431],
    [990, 431],
    [1001, 431],
    [2000, 431],
    [3900, 431],
  ])(
    'in a request with %i header fields before its proxy’s, none of these is lost: %i',
    async (fields, status) => {
      const body = JSON.stringify(LIST);
      const client = await openRaw(server.port);
      const records = server.records().length;
      const own = head({ 'Content-Length': body.length, 'X-Forwarded-For': '9.9.9.9' }).slice(0, -2);
      client.socket.write(`${own}${'a:\r\n'.repeat(fields)}X-Forwarded-For: 203.0.113.77\r\n\r\n${body}`);
      await until(() => client.said().includes('\r\n\r\n'), client.said);
      client.socket.destroy();
      expect(client.said()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      if (status === 431) expect(server.records()).toHaveLength(records);
      else await until(() => server.records().at(-1)?.['sourceIp'] === '203.0.113.77');
    },
  );

  test.each([
    ['in chunks of one byte', (body: string) => [...body].map((each) => `1\r\n${each}\r\n`).join('')],
    [
      'in chunks of one byte with extensions',
      (body: string) => [...body].map((each) => `1;a=b\r\n${each}\r\n`).join(''),
    ],
  ])('a body that a client sends %s is refused with 413', async (what, frame) => {
    const client = await openRaw(server.port);
    const grown = server.watchMemory();
    client.socket.write(head({ 'Transfer-Encoding': 'chunked' }));
    client.socket.write(frame('x'.repeat(200_000)));
    const ms = await client.closed;
    const grownKiB = grown();
    expect(client.said()).toMatch(/^HTTP\/1.1 413 /);
    expect(grownKiB).toBeLessThan(32 * 1024);
    figure(`client sends a body ${what}`, { on, client: 413, ms, grownKiB, audit: 'invalid body_too_large' });
  });
});
