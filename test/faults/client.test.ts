import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf } from '../service/support/start-app.ts';
import { until } from '../service/support/until.ts';
import { answerIn, head, openRaw } from './support/raw-client.ts';
import { type FaultServer, figure, LIST, startServer } from './support/server.ts';

const MAX_BODY = 256 * 1024;
const MEGABYTE = 1024 * 1024;

/** A page that never answers. */
let page: Server;
let asked = 0;
let left = 0;
let server: FaultServer;

beforeAll(async () => {
  page = createServer((socket) => {
    asked += 1;
    socket
      .on('error', () => {})
      .on('close', () => {
        left += 1;
      })
      .resume();
  }).listen(0, '127.0.0.1');
  await once(page, 'listening');
  server = await startServer({
    SCRAPE_ALLOWED_DOMAINS: '*',
    FAULT_NAMES: JSON.stringify({ 'page.example.com': [['93.184.216.34']] }),
    FAULT_HOSTS: JSON.stringify({ '93.184.216.34': (page.address() as AddressInfo).port }),
    MCP_CLIENT_LIMIT_PER_MINUTE: '10000',
  });
});
afterAll(() => {
  server.child.kill('SIGKILL');
  page.close();
});

/** The records that are written from now on. */
function newRecords() {
  const before = server.records().length;
  return async (count: number) => {
    await until(() => server.records().length >= before + count, server.stderr);
    await sleep(50);
    return server.records().slice(before);
  };
}

describe('a client that disconnects', () => {
  test('in the middle of a call ends the call, and the connection to the page', async () => {
    const records = newRecords();
    const body = JSON.stringify(callOf('fetch_page', { url: 'http://page.example.com/' }));
    const { socket } = await openRaw(server.port);
    socket.write(head({ 'Content-Length': body.length }) + body);
    await until(() => asked === 1);
    const begun = performance.now();
    socket.destroy();
    await until(() => left === 1);
    const ms = Math.round(performance.now() - begun);
    expect(ms).toBeLessThan(1000);
    expect(await records(1)).toMatchObject([
      { tool: 'fetch_page', outcome: 'tool_error', errorCode: 'cancelled' },
    ]);
    const afterwards = await server.healthy();
    figure('client disconnects in a call', {
      client: 'gone',
      upstreamClosedMs: ms,
      audit: 'tool_error cancelled',
      afterwards,
    });
  });

  test('after half a body leaves one record and nothing else', async () => {
    const records = newRecords();
    const body = JSON.stringify(LIST);
    const { socket } = await openRaw(server.port);
    socket.write(head({ 'Content-Length': body.length }) + body.slice(0, body.length / 2));
    await sleep(100);
    const begun = performance.now();
    socket.destroy();
    const [record, ...more] = await records(1);
    const ms = Math.round(performance.now() - begun);
    expect([record?.['outcome'], more]).toEqual(['invalid', []]);
    expect(record?.['errorCode']).toBe('body_not_read');
    const afterwards = await server.healthy();
    figure('client disconnects after half a body', {
      client: 'gone',
      recordAfterMs: ms,
      audit: 'invalid body_not_read',
      afterwards,
    });
  });
});

// More than one TLS record of requests at once stops Node's own https server (20.20 and 24.21) from reading on.
test('fifty requests sent at once on one connection are answered in order, each with its record', async () => {
  const records = newRecords();
  const { socket, said } = await openRaw(server.port);
  const begun = performance.now();
  const bodies = Array.from({ length: 50 }, (_, id) => JSON.stringify({ ...LIST, id }));
  socket.write(bodies.map((body) => head({ 'Content-Length': body.length }) + body).join(''));
  await until(() => said().split('HTTP/1.1 200').length === 51);
  const ms = Math.round(performance.now() - begun);
  socket.destroy();
  const ids = [...said().matchAll(/"id":(\d+)\}/g)].map(([, id]) => Number(id));
  expect(ids).toEqual(bodies.map((_, id) => id));
  const written = await records(50);
  expect(written.map(({ outcome }) => outcome)).toEqual(bodies.map(() => 'ok'));
  const afterwards = await server.healthy();
  figure('client pipelines 50 requests', {
    client: '50 × 200, in order',
    ms,
    audit: '50 × ok',
    afterwards,
  });
});

describe('a body of 100 MB', () => {
  test.each([
    ['that is announced', 0, () => ({ 'Content-Length': 100 * MEGABYTE })],
    ['that is not announced', MAX_BODY, () => ({ 'Transfer-Encoding': 'chunked' })],
  ])('%s is refused, and the connection closed long before its end', async (what, bound, fields) => {
    const records = newRecords();
    const client = await openRaw(server.port);
    const begun = performance.now();
    client.socket.write(head(fields()));
    const size = 16 * 1024;
    const chunk = Buffer.concat([
      Buffer.from(`${size.toString(16)}\r\n`),
      Buffer.alloc(size, 'x'),
      Buffer.from('\r\n'),
    ]);
    for (let sent = 0; sent < 100 * MEGABYTE && client.socket.writable; sent += size) {
      if (!client.socket.write(chunk)) await Promise.race([once(client.socket, 'drain'), client.closed]);
      await sleep(0);
    }
    await client.closed;
    const ms = Math.round(performance.now() - begun);
    expect(answerIn(client.said())).toMatchObject({ status: 413, code: -32_600 });
    const [record, ...more] = await records(1);
    expect([record?.['errorCode'], record?.['outcome'], more]).toEqual(['body_too_large', 'invalid', []]);
    expect(client.socket.bytesWritten).toBeLessThan(bound + 16 * MEGABYTE);
    const afterwards = await server.healthy();
    figure(`client sends 100 MB ${what}`, {
      client: '413 -32600',
      ms,
      takenBytes: client.socket.bytesWritten,
      audit: 'invalid body_too_large',
      afterwards,
    });
  });
});

describe('a malformed body', () => {
  const deep = (levels: number) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const call = (url: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fetch_page","arguments":{${url}}}}`;

  test.each([
    ['65 levels', Buffer.from(deep(64)), 400, -32_600, 'invalid body_too_deep'],
    ['130,000 levels', Buffer.from(deep(130_000)), 400, -32_600, 'invalid body_too_deep'],
    [
      '130,000 levels that never close',
      Buffer.from('['.repeat(130_000)),
      400,
      -32_600,
      'invalid body_too_deep',
    ],
    [
      'invalid UTF-8',
      Buffer.from([...Buffer.from('{"jsonrpc":"2.0","id":"'), 0xc3, 0x28, 0x22, 0x7d]),
      400,
      -32_700,
      'invalid parse_error',
    ],
    [
      'half a surrogate pair, which is valid JSON',
      Buffer.from(call('"url":"http://\\ud800.example.com/"')),
      200,
      undefined,
      'invalid input_invalid',
    ],
    [
      'duplicate keys',
      Buffer.from(call('"url":"https://example.com/","url":"http://127.0.0.1/"')),
      200,
      undefined,
      'denied url_refused',
    ],
  ] as const)('%s', async (what, body, status, code, audit) => {
    const client = await openRaw(server.port);
    const begun = performance.now();
    client.socket.write(head({ 'Content-Length': body.length, Connection: 'close' }));
    client.socket.write(body);
    await client.closed;
    const ms = Math.round(performance.now() - begun);
    const answer = answerIn(client.said());
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(ms).toBeLessThan(2000);
    const [outcome, errorCode] = audit.split(' ');
    const [record, ...more] = await server.recordsOf(answer.requestId);
    expect([record?.['outcome'], record?.['errorCode'], more]).toEqual([outcome, errorCode, []]);
    // The record has the value that was checked.
    if (what === 'duplicate keys') expect(record?.['arguments']).toEqual({ url: 'http://127.0.0.1/' });
    const afterwards = await server.healthy();
    figure(`client sends ${what}`, {
      client: `${status} ${code ?? 'tool error'}`,
      ms,
      bytes: body.length,
      audit,
      afterwards,
    });
  });
});
