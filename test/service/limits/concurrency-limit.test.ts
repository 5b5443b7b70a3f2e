import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createConcurrencyLimit } from '../../../service/limits/concurrency-limit.ts';

const alive = new AbortController().signal;
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'in',
    (error: { code?: string }) => error.code,
  );

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
  const waiting = Array.from({ length: 32 }, () => code(limit.enter('a', full.signal)));
  expect(await code(limit.enter('a', alive))).toBe('client_busy');
  full.abort(new Error('enough'));
  await Promise.all(waiting);
});
