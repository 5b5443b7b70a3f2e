import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import { createConcurrencyLimit } from '../../../service/limits/concurrency-limit.ts';
import { createConcurrencyLimits, roomFor } from '../../../service/limits/concurrency-limits.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';
import { callOf, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

const over = new AbortController();
const alive = over.signal;
setMaxListeners(0, alive);
// Requests that still wait at the end would hold Jest for their maximum time.
afterAll(() => over.abort());

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'in',
    (error: { code?: string }) => error.code,
  );

const ROOM = { maxConcurrent: 8, smallBodies: 16, largeBodies: 8 };
const KIB = 1024;
const MIB = 1024 * KIB;

test.each([
  ['the smallest task with the defaults', 256 * MIB, 256 * KIB, MIB, 8, 16, 8],
  ['twice its heap', 512 * MIB, 256 * KIB, MIB, 16, 32, 16],
  ['the largest bodies', 256 * MIB, 4 * MIB, MIB, 4, 16, 4],
  ['the largest pages', 256 * MIB, 256 * KIB, 2 * MIB, 4, 16, 4],
  ['the smallest of both', 256 * MIB, KIB, KIB, 32, 16, 32],
])('room for %s', (_what, heap, maxBodyBytes, maxPageBytes, maxConcurrent, smallBodies, largeBodies) => {
  expect(roomFor(heap, { maxBodyBytes, maxPageBytes })).toEqual({ maxConcurrent, smallBodies, largeBodies });
});

test.each([
  [2, [1, 1, 0]],
  [4, [2, 1, 1, 0]],
  [8, [4, 2, 1, 1, 0]],
])(
  'with %i slots, clients that each ask for all of them get %j, in order of arrival',
  async (max, shares) => {
    const limit = createConcurrencyLimit({ max, waitMs: 1 });
    for (const [client, share] of shares.entries()) {
      const codes = await Promise.all(
        Array.from({ length: max }, () => code(limit.enter(String(client), alive))),
      );
      expect(codes.filter((each) => each === 'in')).toHaveLength(share);
      if (client === 0) expect(codes.filter((each) => each === 'client_busy')).toHaveLength(max - share);
      if (share === 0) expect(new Set(codes)).toEqual(new Set(['server_busy']));
    }
  },
);

test('a client that gets less than its share because of others is told that the server is busy', async () => {
  const limit = createConcurrencyLimit({ max: 8, waitMs: 1 });
  for (let i = 0; i < 4; i++) await limit.enter('a', alive);
  for (let i = 0; i < 2; i++) await limit.enter('b', alive);
  await limit.enter('c', alive);
  await limit.enter('d', alive);
  expect(await code(limit.enter('a', alive))).toBe('client_busy');
  expect(await code(limit.enter('e', alive))).toBe('server_busy');
});

test('a free slot goes to the client with the fewest, even if others have waited longer', async () => {
  const limit = createConcurrencyLimit({ max: 4 });
  const [first] = [await limit.enter('a', alive), await limit.enter('a', alive)];
  await limit.enter('b', alive);
  await limit.enter('c', alive);
  const order: string[] = [];
  for (const client of ['a', 'a', 'b', 'd']) {
    void limit.enter(client, alive).then(
      () => order.push(client),
      () => {},
    );
  }
  first();
  await sleep(1);
  expect(order).toEqual(['d']);
});

test('whatever clients do, the slots are never exceeded, and no client waits behind one that has more', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ enter: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ leave: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ hangUp: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 2, max: 5 }),
      fc.array(step, { maxLength: 80, size: 'max' }),
      play,
    ),
    {
      numRuns: 500,
    },
  );
});

/** Runs the steps, and checks each admission against the rule. */
async function play(
  max: number,
  clients: number,
  steps: readonly { enter?: number; leave?: number; hangUp?: number }[],
): Promise<void> {
  const limit = createConcurrencyLimit({ max });
  const inside: { client: number; leave: () => void }[] = [];
  const outside: { client: number; gone: AbortController }[] = [];
  const has = (client: number) => inside.filter((each) => each.client === client).length;
  const enter = async (client: number) => {
    const waits = { client, gone: new AbortController() };
    outside.push(waits);
    const end = () => void outside.splice(outside.indexOf(waits), 1);
    try {
      const leave = await limit.enter(String(client), waits.gone.signal);
      end();
      const before = has(client);
      same(
        outside.filter((other) => has(other.client) < before),
        [],
      );
      inside.push({ client, leave });
    } catch (error) {
      end();
      // Too many requests wait, which another test covers.
      if (!(error instanceof ServiceError || (error as Error).message === 'gone')) throw error;
    }
  };
  const running: Promise<void>[] = [];
  for (const { enter: client, leave = 0, hangUp = 0 } of steps) {
    if (client !== undefined) running.push(enter(client % clients));
    else if (leave > 0 && inside.length > 0) inside.splice(leave % inside.length, 1)[0]?.leave();
    else if (outside.length > 0) outside[hangUp % outside.length]?.gone.abort(new Error('gone'));
    await new Promise(setImmediate);
    same(inside.length <= max, true);
    // No client waits for a slot that it may have; above all no client without a slot while one is free.
    same(
      outside.filter((other) => has(other.client) < max - inside.length),
      [],
    );
  }
  while (outside.length > 0) {
    for (const { gone } of outside) gone.abort(new Error('gone'));
    await new Promise(setImmediate);
  }
  await Promise.all(running);
}

test('waiting requests are admitted in order of arrival as slots become free, each once', async () => {
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

test('a client that waits for its own share does not delay later clients', async () => {
  const limit = createConcurrencyLimit({ max: 4 });
  await limit.enter('a', alive);
  await limit.enter('a', alive);
  void limit.enter('a', alive).catch(() => {});
  expect(await code(limit.enter('b', alive))).toBe('in');
});

test('a request whose client has disconnected waits no longer and takes no slot', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 1000 });
  const leave = await limit.enter('a', alive);
  const gone = new AbortController();
  const waiting = limit.enter('a', gone.signal);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  leave();
  expect(await code(limit.enter('a', alive))).toBe('in');
});

test('16 requests for each slot may wait, shared by the same rule; others are refused at once', async () => {
  const limit = createConcurrencyLimit({ max: 2, waitMs: 60_000 });
  const full = new AbortController();
  setMaxListeners(0, full.signal);
  await limit.enter('a', alive);
  await limit.enter('b', alive);
  const refused: string[] = [];
  const all = [...'abcdefg'].map((client) =>
    Array.from({ length: 40 }, () =>
      limit.enter(client, full.signal).catch((error: { code?: string }) => {
        if (error.code !== undefined) refused.push(`${client} ${error.code}`);
      }),
    ),
  );
  await sleep(1);
  const counts = [...'abcdefg'].map((client) => 40 - refused.filter((each) => each[0] === client).length);
  expect(counts).toEqual([16, 8, 4, 2, 1, 1, 0]);
  expect(refused.at(-1)).toBe('g server_busy');
  full.abort(new Error('enough'));
  await Promise.all(all.flat());
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

describe('a client with many users', () => {
  const user = (number: number) => `a ${number}`;

  test.each([
    [4, 3],
    [7, 6],
    [8, 6],
    [16, 12],
  ])('of %i slots takes at most %i, so that another client starts at once', async (max, most) => {
    const limit = createConcurrencyLimit({ max, waitMs: 1 });
    const codes = await Promise.all(
      Array.from({ length: 2 * max }, (_, number) => code(limit.enter(user(number), alive, undefined, 'a'))),
    );
    expect(codes.filter((each) => each === 'in')).toHaveLength(most);
    expect(new Set(codes.filter((each) => each !== 'in'))).toEqual(new Set(['client_busy']));
    expect(await code(limit.enter('b', alive))).toBe('in');
  });

  test('is behind another client that waits, however many of its users wait too', async () => {
    const limit = createConcurrencyLimit({ max: 2, waitMs: 60_000 });
    const over = new AbortController();
    const leave = await limit.enter(user(0), alive, undefined, 'a');
    await limit.enter(user(1), alive, undefined, 'a');
    const others = [2, 3, 4].map((number) => code(limit.enter(user(number), over.signal, undefined, 'a')));
    const other = code(limit.enter('b', alive));
    leave();
    expect(await other).toBe('in');
    over.abort(new Error('enough'));
    expect(await Promise.all(others)).toEqual([undefined, undefined, undefined]);
  });

  test('has at most half of the queue, so that another client can wait', async () => {
    const limit = createConcurrencyLimit({ max: 2, waitMs: 60_000 });
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    await limit.enter('x', alive);
    await limit.enter('y', alive);
    const refused: string[] = [];
    const all = Array.from({ length: 40 }, (_, number) =>
      limit
        .enter(user(number), over.signal, undefined, 'a')
        .catch((error: { code?: string }) => error.code !== undefined && refused.push(error.code)),
    );
    await sleep(1);
    expect(refused).toEqual(Array(40 - 16).fill('client_busy'));
    const other = code(limit.enter('b', over.signal));
    await sleep(1);
    over.abort(new Error('enough'));
    expect(await other).toBeUndefined();
    await Promise.all(all);
  });
});

test('a share of the queue is free again when a request is admitted, cancelled or timed out', async () => {
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

test('waiting requests get their responses in turn', async () => {
  const app = await startApp({ concurrency: createConcurrencyLimits({ ...ROOM, maxConcurrent: 4 }) });
  const begun = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, id) => app.post(callOf('waits', { text: '200' }, id))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  // Two at once, three times.
  expect(performance.now() - begun).toBeGreaterThan(590);
  await app.stop();
});

test('a cancelled request gives its slot back, and a request that waits at shutdown is told so', async () => {
  const app = await startApp({ concurrency: createConcurrencyLimits({ ...ROOM, maxConcurrent: 2 }, 3000) });
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
