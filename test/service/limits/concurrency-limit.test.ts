import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { createConcurrencyLimit, placesFor } from '../../../service/limits/concurrency-limit.ts';
import { callOf, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

const over = new AbortController();
const alive = over.signal;
// Who still waits then would hold Jest for as long as he may wait.
afterAll(() => over.abort());

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'in',
    (error: { code?: string }) => error.code,
  );

const KIB = 1024;
const MIB = 1024 * KIB;

test.each([
  ['the smallest task as it comes', 256 * MIB, 256 * KIB, MIB, 8],
  ['twice its heap', 512 * MIB, 256 * KIB, MIB, 16],
  ['the largest bodies', 256 * MIB, 4 * MIB, MIB, 2],
  ['the largest pages', 256 * MIB, 256 * KIB, 2 * MIB, 4],
  ['the smallest of both', 256 * MIB, KIB, KIB, 32],
])('places for %s', (_what, heap, maxBodyBytes, maxPageBytes, places) => {
  expect(placesFor(heap, { maxBodyBytes, maxPageBytes })).toBe(places);
});

test('one client has at most half of the places; the others still get in', async () => {
  const limit = createConcurrencyLimit({ max: 4, waitMs: 1 });
  expect(await code(limit.enter('a', alive))).toBe('in');
  expect(await code(limit.enter('a', alive))).toBe('in');
  expect(await code(limit.enter('a', alive))).toBe('client_busy');
  expect(await code(limit.enter('b', alive))).toBe('in');
  expect(await code(limit.enter('c', alive))).toBe('in');
  expect(await code(limit.enter('d', alive))).toBe('server_busy');
});

test('who waits gets in by order of arrival as places become free, each once', async () => {
  const limit = createConcurrencyLimit({ max: 2 });
  const leave = await limit.enter('a', alive);
  await limit.enter('b', alive);
  const order: string[] = [];
  const wait = (name: string) =>
    limit.enter(name, alive).then(
      () => void order.push(name),
      () => {},
    );
  void wait('c');
  void wait('d');
  leave();
  leave();
  await sleep(10);
  expect(order).toEqual(['c']);
});

test('a client that waits for its own share does not hold up who came later', async () => {
  const limit = createConcurrencyLimit({ max: 4 });
  await limit.enter('a', alive);
  await limit.enter('a', alive);
  void limit.enter('a', alive).catch(() => {});
  expect(await code(limit.enter('b', alive))).toBe('in');
});

test('a request whose client has gone waits no longer and takes no place', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 1000 });
  const leave = await limit.enter('a', alive);
  const gone = new AbortController();
  const waiting = limit.enter('a', gone.signal);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  leave();
  expect(await code(limit.enter('a', alive))).toBe('in');
});

test('more than 16 for each place do not wait: they are refused at once', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 60_000 });
  const full = new AbortController();
  setMaxListeners(0, full.signal);
  await limit.enter('a', alive);
  await limit.enter('b', alive);
  const waiting = ['a', 'b'].flatMap((client) =>
    Array.from({ length: 16 }, () => code(limit.enter(client, full.signal))),
  );
  expect(await code(limit.enter('c', alive))).toBe('server_busy');
  full.abort(new Error('enough'));
  await Promise.all(waiting);
});

test('a client that fills its half of the queue does not keep another from waiting', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 60_000 });
  const full = new AbortController();
  setMaxListeners(0, full.signal);
  await limit.enter('a', alive);
  const leave = await limit.enter('b', alive);
  const waiting = Array.from({ length: 16 }, () => code(limit.enter('a', full.signal)));
  const beyond = Array.from({ length: 20 }, () => code(limit.enter('a', alive)));
  expect(new Set(await Promise.all(beyond))).toEqual(new Set(['client_busy']));
  const other = code(limit.enter('c', alive));
  leave();
  expect(await other).toBe('in');
  full.abort(new Error('enough'));
  await Promise.all(waiting);
});

test('a share of the queue is had again by whoever waits no longer, admitted, gone or too late', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 50 });
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  const leave = await limit.enter('a', alive);
  const fill = (signal: AbortSignal) => Array.from({ length: 16 }, () => code(limit.enter('a', signal)));
  const first = fill(gone.signal);
  gone.abort(new Error('gone'));
  expect(new Set(await Promise.all(first))).toEqual(new Set([undefined]));
  expect(new Set(await Promise.all(fill(alive)))).toEqual(new Set(['client_busy']));
  const last = fill(alive);
  leave();
  expect(await last[0]).toBe('in');
  const begun = performance.now();
  expect(await code(limit.enter('a', alive))).toBe('client_busy');
  expect(performance.now() - begun).toBeGreaterThan(40);
  await Promise.all(last);
});

test('requests that wait are answered in their turn', async () => {
  const app = await startApp({ concurrencyLimit: createConcurrencyLimit({ max: 4 }) });
  const begun = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, id) => app.post(callOf('waits', { text: '200' }, id))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  // Two at once, three times.
  expect(performance.now() - begun).toBeGreaterThan(590);
  await app.stop();
});

test('a place is given back by whoever hangs up, and whoever waits at the end of the process is told so', async () => {
  const app = await startApp({ concurrencyLimit: createConcurrencyLimit({ max: 2, waitMs: 3000 }) });
  const gone = new AbortController();
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${TOKENS.alice}`,
  };
  const body = JSON.stringify(callOf('waits', { text: '1900' }));
  const calls = [1, 2, 3].map(() =>
    fetch(app.url, { method: 'POST', headers, body, signal: gone.signal }).catch(() => 'gone'),
  );
  await sleep(200);
  gone.abort();
  expect(await Promise.all(calls)).toEqual(['gone', 'gone', 'gone']);
  const begun = performance.now();
  expect((await app.post(callOf('echo'))).status).toBe(200);
  expect(performance.now() - begun).toBeLessThan(1000);
  const last = [1, 2].map(() => app.post(callOf('waits', { text: '1900' })));
  await sleep(200);
  await app.drain(50);
  expect((await Promise.all(last)).map(({ status }) => status)).toEqual([503, 503]);
  expect((await app.audit(6)).map(({ errorCode }) => errorCode)).toEqual([
    ...['cancelled', 'cancelled', 'cancelled', undefined],
    ...['shutting_down', 'shutting_down'],
  ]);
  await app.stop();
});
