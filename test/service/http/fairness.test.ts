import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Request } from 'express';
import { limitCalls } from '../../../service/http/concurrency.ts';
import type { RequestContext } from '../../../service/http/context.ts';
import { createConcurrencyLimits, roomFor } from '../../../service/limits/concurrency-limits.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { entry } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { watchedSlots } from '../support/watched-slots.ts';

/** Two clients that use everything they can, and a third. Room as in the smallest task. */

const TOKENS = ['greedy', 'eager', 'third'].map((id) => `${id}-token-0123456789-abcdefghijk`);
const [GREEDY = '', EAGER = '', THIRD = ''] = TOKENS;
const AS_THIRD = { authorization: `Bearer ${THIRD}` };
/** Duration of a call of the first two, in milliseconds: longer than the third ever waits here. */
const LONG = '1900';
/** How long a request waits for a place, which is shorter, so that one that had to wait gets 503. */
const PATIENCE_MS = 1800;

const tokenDocument = JSON.stringify({ tokens: TOKENS.map((token, i) => entry(token, `c${i}`, ['echo'])) });
const LIST = modern('tools/list');
const LITTLE: readonly (readonly [string, object, Record<string, string>])[] = [
  ['tools/list of 2026-07-28', LIST.body, LIST.headers],
  ['tools/list of 2025-11-25', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {}],
  ['server/discover', modern('server/discover').body, modern('server/discover').headers],
  ['ping', { jsonrpc: '2.0', id: 1, method: 'ping' }, {}],
  ['notifications/initialized', { jsonrpc: '2.0', method: 'notifications/initialized' }, {}],
  [
    'initialize',
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    },
    {},
  ],
];

let app: RunningApp;
let open: Socket[];
beforeEach(async () => {
  open = [];
  const concurrency = createConcurrencyLimits(
    { maxConcurrent: 8, smallBodies: 16, largeBodies: 8 },
    PATIENCE_MS,
  );
  app = await startApp({
    concurrency,
    tokenDocument: async () => tokenDocument,
    transport: { maxBodyBytes: 65_536 },
  });
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await app.stop();
});

/** A response that arrives before a place becomes free, and before a wait for one ends. */
async function soon(answer: Promise<Response>): Promise<Response> {
  const begun = performance.now();
  await answer;
  expect(performance.now() - begun).toBeLessThan(PATIENCE_MS);
  return answer;
}

/** The head of a request and the first byte of its body. */
async function beginBody(token: string, field: string): Promise<void> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1').on('error', () => {});
  open.push(socket);
  await once(socket, 'connect');
  const head = ['POST /mcp HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  const types = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  socket.write([...head, ...types, field, '', field.startsWith('T') ? '1\r\n{' : '{'].join('\r\n'));
}

const ATTACKS: readonly (readonly [string, (token: string) => Promise<void>])[] = [
  [
    'calls',
    async (token) => {
      const call = callOf('waits', { text: LONG });
      void app.post(call, { authorization: `Bearer ${token}` }).catch(() => {});
    },
  ],
  ['small bodies that do not arrive', (token) => beginBody(token, 'Content-Length: 100')],
  ['large bodies that do not arrive', (token) => beginBody(token, 'Content-Length: 60000')],
  ['bodies of unknown length', (token) => beginBody(token, 'Transfer-Encoding: chunked')],
];

for (const [what, attack] of ATTACKS) {
  test(`two clients with many ${what} do not delay a list or a call of a third`, async () => {
    for (const token of [GREEDY, EAGER]) await Promise.all(Array.from({ length: 20 }, () => attack(token)));
    // Waits until all of them have arrived.
    await sleep(400);
    for (const [name, body, headers] of LITTLE) {
      const { status } = await soon(app.post(body, { ...AS_THIRD, ...headers }));
      expect([name, status]).toEqual([name, name.startsWith('notifications') ? 202 : 200]);
    }
    const large = callOf('echo', { text: 'hi', api_key: 'x'.repeat(20_000) });
    for (const call of [callOf('echo'), large]) {
      expect((await soon(app.post(call, AS_THIRD))).status).toBe(200);
    }
  });
}

test('lists get responses while every slot is taken, also in bodies of unknown length', async () => {
  const concurrency = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 16, largeBodies: 2 }, 50);
  const { signal } = new AbortController();
  await concurrency.maxConcurrent.enter('x', signal);
  await concurrency.maxConcurrent.enter('y', signal);
  const full = await startApp({ concurrency });
  for (const [name, body, headers] of LITTLE) {
    expect([name, (await full.post(body, headers)).ok]).toEqual([name, true]);
  }
  const chunked = new Blob([JSON.stringify(LIST.body)]).stream();
  const { status } = await fetch(full.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...LIST.headers,
      ...{ authorization: `Bearer alice-0123456789-abcdefghijklmnop` },
    },
    body: chunked,
    duplex: 'half',
  } as RequestInit);
  expect(status).toBe(200);
  await full.stop();
});

test.each([
  ['a call', callOf('echo', { text: 'hi' }, 7), 7],
  ['an unknown method', { jsonrpc: '2.0', id: 8, method: 'x/y' }, 8],
])('%s without a free slot is refused with its id, and recorded with its method', async (_what, body, id) => {
  const concurrency = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 16, largeBodies: 2 }, 50);
  const { signal } = new AbortController();
  await concurrency.maxConcurrent.enter('x', signal);
  await concurrency.maxConcurrent.enter('y', signal);
  const full = await startApp({ concurrency });
  const response = await full.post(body);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await response.json()).toMatchObject({ id });
  expect((await full.audit(1))[0]).toMatchObject({
    errorCode: 'server_busy',
    method: (body as { method: string }).method,
  });
  await full.stop();
});

test('a large body is not parsed before it has a slot, whatever its message is', async () => {
  const concurrency = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 16, largeBodies: 2 }, 50);
  const { signal } = new AbortController();
  await concurrency.maxConcurrent.enter('x', signal);
  await concurrency.maxConcurrent.enter('y', signal);
  const full = await startApp({ concurrency, transport: { maxBodyBytes: 65_536 } });
  const response = await full.post(JSON.stringify(LIST.body).padEnd(20_000), LIST.headers);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ id: null });
  expect((await full.audit(1))[0]).toMatchObject({ errorCode: 'server_busy' });
  await full.stop();
});

test('a client with 40 open calls gets its own lists at once', async () => {
  const calls = Array.from({ length: 40 }, () =>
    app.post(callOf('waits', { text: LONG }), { authorization: `Bearer ${GREEDY}` }).catch(() => {}),
  );
  await sleep(400);
  for (const [name, body, headers] of LITTLE) {
    const { ok } = await soon(app.post(body, { authorization: `Bearer ${GREEDY}`, ...headers }));
    expect([name, ok]).toEqual([name, true]);
  }
  await Promise.all(calls);
});

test('a call that waits for a slot is kept as bytes, and served and recorded unchanged', async () => {
  const limits = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 4, largeBodies: 4 });
  const { signal } = new AbortController();
  const leave = await limits.maxConcurrent.enter('x', signal);
  await limits.maxConcurrent.enter('y', signal);
  const input = { text: 'hi' };
  const body = callOf('echo', input);
  const request = { body } as Request;
  const context = {
    ...{ signal, ended: signal, method: 'tools/call', arguments: input },
    parseAgain: () => structuredClone(body),
  } as RequestContext;
  const call = limitCalls(limits)(context, request);
  expect([request.body, context.arguments]).toEqual([undefined, undefined]);
  leave();
  await call;
  expect([request.body, context.arguments]).toEqual([body, input]);
});

test.each([
  ['its client disconnects', 'cancelled'],
  ['no slot is free in time', 'server_busy'],
])('a call that waits for a slot is recorded with its arguments when %s', async (_why, errorCode) => {
  const limits = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 4, largeBodies: 4 }, 300);
  const { concurrency, waited } = watchedSlots(limits);
  const { signal } = new AbortController();
  await limits.maxConcurrent.enter('x', signal);
  await limits.maxConcurrent.enter('y', signal);
  const full = await startApp({ concurrency });
  const gone = new AbortController();
  const headers = { authorization: 'Bearer alice-0123456789-abcdefghijklmnop' };
  const call = fetch(full.url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(callOf('echo', { text: 'what was asked' })),
    signal: gone.signal,
  }).catch(() => {});
  await until(waited);
  if (errorCode === 'cancelled') gone.abort();
  await call;
  expect(await full.audit(1)).toMatchObject([
    { errorCode, tool: 'echo', arguments: { text: 'what was asked' } },
  ]);
  await full.stop();
});

test('two clients with large bodies do not block a large one of a third, with room for only four', async () => {
  const { largeBodies } = roomFor(256 * 1024 * 1024, {
    maxBodyBytes: 1024 * 1024,
    maxPageBytes: 1024 * 1024,
  });
  const concurrency = createConcurrencyLimits({ maxConcurrent: 4, smallBodies: 16, largeBodies }, 300);
  const { signal } = new AbortController();
  for (const client of ['x', 'y']) {
    await Promise.all(
      Array.from({ length: 4 }, () => concurrency.largeBodies.enter(client, signal).catch(() => {})),
    );
  }
  const full = await startApp({ concurrency, transport: { maxBodyBytes: 65_536 } });
  const large = callOf('echo', { text: 'hi', api_key: 'x'.repeat(20_000) });
  expect((await full.post(large)).status).toBe(200);
  await full.stop();
});

test('a body of unannounced length needs the room of a large one only when it is large', async () => {
  const concurrency = createConcurrencyLimits({ maxConcurrent: 4, smallBodies: 16, largeBodies: 2 }, 300);
  const { signal } = new AbortController();
  const leave = await concurrency.largeBodies.enter('x', signal);
  await concurrency.largeBodies.enter('y', signal);
  const full = await startApp({ concurrency, transport: { maxBodyBytes: 65_536 } });
  const post = (text: string) =>
    fetch(full.url, {
      method: 'POST',
      headers: {
        authorization: 'Bearer alice-0123456789-abcdefghijklmnop',
        ...{ 'content-type': 'application/json', accept: 'application/json' },
      },
      body: new Blob([JSON.stringify(callOf('echo', { text: 'hi', api_key: text }))]).stream(),
      duplex: 'half',
    } as RequestInit);
  const statusOf = async (text: string) => (await post(text)).status;
  expect(await statusOf('x'.repeat(15_000))).toBe(200);
  expect(await statusOf('x'.repeat(60_000))).toBe(503);
  const waits = statusOf('x'.repeat(60_000));
  await sleep(100);
  leave();
  expect(await waits).toBe(200);
  expect(await statusOf('x'.repeat(80_000))).toBe(413);
  expect((await full.audit(4)).map(({ errorCode }) => errorCode)).toEqual([
    ...[undefined, 'server_busy', undefined, 'body_too_large'],
  ]);
  await full.stop();
});
