import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import type { RateLimiter } from '../../../service/limits/rate-limiter.ts';
import { LIFETIME_MS } from '../../../service/limits/valkey-connection.ts';
import { createValkeyLimiter, type ValkeyLimiterOptions } from '../../../service/limits/valkey-limiter.ts';
import { freePort } from '../support/free-port.ts';
import { createMemoryLog, type MemoryLog } from '../support/oauth-app.ts';
import { createStoreCertificate } from '../support/store-certificate.ts';
import { until } from '../support/until.ts';
import { startValkeyStandIn, type ValkeyStandIn } from '../support/valkey-stand-in.ts';

let store: ValkeyStandIn;
let log: MemoryLog;
const limiters: RateLimiter[] = [];
beforeEach(async () => {
  store = await startValkeyStandIn();
  log = createMemoryLog();
});
afterEach(async () => {
  for (const limiter of limiters.splice(0)) limiter.close();
  await store.close();
});

async function start(more: Partial<ValkeyLimiterOptions> = {}): Promise<RateLimiter> {
  const limiter = await createValkeyLimiter({
    server: { host: '127.0.0.1', port: store.port, tls: false },
    service: 'https://mcp.example.com/mcp',
    failure: 'deny',
    now: () => performance.now(),
    logger: log,
    ...more,
  });
  limiters.push(limiter);
  return limiter;
}

/** The result of a call: the seconds to wait, or the code of its refusal. */
async function outcome(call: Promise<number>): Promise<number | string> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

const events = () => log.lines.map((line) => JSON.parse(line).event);
const scripts = () => store.commands.filter(([name]) => name?.startsWith('EVAL'));

describe('a store that responds', () => {
  test('counts for all of its clients together', async () => {
    const tasks = await Promise.all([start(), start(), start()]);
    const calls = Array.from({ length: 30 }, (_, i) => (tasks[i % 3] as RateLimiter).consume('client:a', 10));
    const waits = await Promise.all(calls);
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
    expect(waits.filter((wait) => wait === 60)).toHaveLength(20);
    expect(events()).toEqual([]);
  });

  test('gets one command per call, for one key', async () => {
    const limiter = await start();
    store.commands.length = 0;
    for (let i = 0; i < 5; i++) await limiter.consume('client:a', 10);
    expect(store.commands).toEqual(
      Array(5).fill([
        'EVALSHA',
        expect.stringMatching(/^[0-9a-f]{40}$/),
        '1',
        expect.any(String),
        '10',
        '60000000',
      ]),
    );
  });

  test('that does not know the script receives it, once', async () => {
    const limiter = await start();
    const known = new Set<string>();
    store.behaviour = ([name = '', script = '']) => {
      if (name === 'EVAL') known.add('the script');
      return name === 'EVALSHA' && known.size === 0
        ? '-NOSCRIPT No matching script\r\n'
        : `:${script.length && 0}\r\n`;
    };
    store.commands.length = 0;
    for (let i = 0; i < 3; i++) expect(await limiter.consume('client:a', 10)).toBe(0);
    expect(store.commands.map(([name]) => name)).toEqual(['EVALSHA', 'EVAL', 'EVALSHA', 'EVALSHA']);
    expect(store.commands[1]?.[1]).toContain("redis.call('TIME')");
  });

  test.each([
    ['a plain id', 'alice'],
    ['the longest id', 'x'.repeat(256)],
    ['blanks', 'a b'],
    ['line breaks', 'a\r\nFLUSHALL\r\n'],
    ['a hash tag and a pattern', '{a}*'],
    ['letters beyond ASCII', 'ключ'],
  ])('receives no client id and only keys of one form: %s', async (_what, id) => {
    const limiter = await start();
    await limiter.consume(`client:${id}`, 10);
    expect(scripts().at(-1)?.[3]).toMatch(/^mcp:[\w-]{43}$/);
  });

  test('separates keys, and services', async () => {
    const [one, other] = [await start(), await start({ service: 'https://other.example.com/mcp' })];
    store.commands.length = 0;
    await one.consume('client:a', 10);
    await one.consume('tool:a', 10);
    await other.consume('client:a', 10);
    await one.consume('client:a', 10);
    const keys = store.commands.map((command) => command[3]);
    expect(keys[3]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
  });

  test('gets user and password, and a new connection uses the current password', async () => {
    const passwords = ['first', 'second'];
    const server = { host: '127.0.0.1', port: store.port, tls: false, username: 'mcp' };
    const limiter = await start({ server, password: async () => passwords.shift() ?? '' });
    store.cut();
    await until(async () => (await outcome(limiter.consume('client:a', 10))) === 0);
    expect(store.commands.filter(([name]) => name === 'AUTH')).toEqual([
      ['AUTH', 'mcp', 'first'],
      ['AUTH', 'mcp', 'second'],
    ]);
    expect(log.lines.join()).not.toMatch(/first|second/);
  });

  test('is not given up because this process was busy', async () => {
    const limiter = await start();
    const call = limiter.consume('client:a', 10);
    const begun = performance.now();
    while (performance.now() - begun < 400);
    expect(await call).toBe(0);
    expect(events()).toEqual([]);
  });
});

const ERROR_REPLIES = [
  '-OOM command not allowed when used memory > maxmemory',
  '-NOAUTH Authentication required.',
  '-LOADING server is loading the dataset in memory',
  "-READONLY You can't write against a read only replica.",
  '-BUSY the server is busy running a script',
  '-MOVED 3999 127.0.0.1:6381',
  '-NOPERM this user has no permissions to run evalsha',
];
const WRONG_ANSWERS = ['+OK', ':-1', ':61', '$-1', '*0', 'HTTP/1.1 400 Bad Request'];

describe('a store that is down', () => {
  test.each([...ERROR_REPLIES, ...WRONG_ANSWERS])('responds %j: no call passes', async (reply) => {
    const limiter = await start();
    store.behaviour = () => `${reply}\r\n`;
    for (let i = 0; i < 5; i++) expect(await outcome(limiter.consume('a', 10))).toBe('limits_unavailable');
    expect(events()).toEqual(['rate_limit_store_down']);
    store.behaviour = undefined;
    await until(async () => (await outcome(limiter.consume('a', 10))) === 0);
    expect(events()).toEqual(['rate_limit_store_down', 'rate_limit_store_up']);
  });

  test('hangs: calls in flight wait for 250 ms, later ones not at all, and nothing accumulates', async () => {
    const limiter = await start();
    store.behaviour = () => undefined;
    store.commands.length = 0;
    const begun = performance.now();
    const first = await Promise.all(Array.from({ length: 50 }, () => outcome(limiter.consume('a', 10))));
    expect(performance.now() - begun).toBeGreaterThanOrEqual(240);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(new Set(first)).toEqual(new Set(['limits_unavailable']));
    const sent = store.commands.length;
    const later = performance.now();
    for (let i = 0; i < 1000; i++) await outcome(limiter.consume('a', 10));
    expect(performance.now() - later).toBeLessThan(2000);
    // At most the probes of new connections, which take 2 s each.
    expect(store.commands.length - sent).toBeLessThanOrEqual(2);
    expect(store.connections()).toBeLessThanOrEqual(1);
    expect(events()).toEqual(['rate_limit_store_down']);
  });

  test('causes a reason in every refusal', async () => {
    const limiter = await start();
    store.behaviour = () => undefined;
    const calls = Array.from({ length: 3 }, () => limiter.consume('a', 10).catch((error) => error.reason));
    expect([
      ...(await Promise.all(calls)),
      await limiter.consume('a', 10).catch((error) => error.reason),
    ]).toEqual([
      'the rate limit store did not answer within 250 ms',
      ...Array(3).fill('the rate limit store is down'),
    ]);
  });

  test('is logged with its address, the cause and the length of the outage', async () => {
    const limiter = await start();
    store.behaviour = () => '-OOM command not allowed\r\n';
    for (let i = 0; i < 3; i++) await outcome(limiter.consume('a', 10));
    store.behaviour = undefined;
    await until(() => events().includes('rate_limit_store_up'));
    const address = { store: `redis://127.0.0.1:${store.port}`, failure: 'deny' };
    expect(log.lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'error',
        event: 'rate_limit_store_down',
        ...address,
        error: 'Error',
        message: expect.stringMatching(/^OOM/),
        at: expect.any(Array),
      },
      {
        level: 'info',
        event: 'rate_limit_store_up',
        ...address,
        downSeconds: expect.any(Number),
        requests: 3,
      },
    ]);
  });

  test('is retried with growing pauses', async () => {
    const limiter = await start();
    store.behaviour = () => '-LOADING\r\n';
    await outcome(limiter.consume('a', 10));
    store.commands.length = 0;
    await sleep(1500);
    // 50–100, 100–200, 200–400, 400–800 ms, …
    expect(scripts().length).toBeGreaterThanOrEqual(2);
    expect(scripts().length).toBeLessThanOrEqual(5);
  });

  test('loses its connections: a new one is made before a call has to fail', async () => {
    const limiter = await start();
    store.cut();
    await until(() => events().includes('rate_limit_store_up'));
    expect(await outcome(limiter.consume('a', 10))).toBe(0);
  });

  test('does not keep a task from starting, whether it refuses connections or does not respond', async () => {
    const port = await freePort();
    const begun = performance.now();
    const limiter = await start({ server: { host: '127.0.0.1', port, tls: false } });
    store.behaviour = () => undefined;
    const other = await start({ password: async () => 'requested but never accepted' });
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(events()).toEqual(['rate_limit_store_down', 'rate_limit_store_down']);
    for (const each of [limiter, other])
      expect(await outcome(each.consume('a', 10))).toBe('limits_unavailable');
    const late = await startValkeyStandIn({ port });
    await until(async () => (await outcome(limiter.consume('a', 10))) === 0);
    await late.close();
  });

  /** For another host, and with Node's verification disabled: test/e2e/deployed.test.ts. */
  test('has a certificate of an unknown authority: no call passes, and the store gets no password', async () => {
    await store.close();
    store = await startValkeyStandIn({ tls: await createStoreCertificate() });
    const server = { host: 'localhost', port: store.port, tls: true, username: 'mcp' };
    const limiter = await start({ server, password: async () => 'for the store alone' });
    expect(await outcome(limiter.consume('a', 10))).toBe('limits_unavailable');
    expect(events()).toEqual(['rate_limit_store_down']);
    expect(log.lines.join()).toContain('self-signed certificate');
    expect(store.commands).toEqual([]);
  });

  test('with failure allow lets each task count for itself, never without limit', async () => {
    const tasks = await Promise.all([start({ failure: 'allow' }), start({ failure: 'allow' })]);
    store.behaviour = () => undefined;
    const calls = Array.from({ length: 30 }, (_, i) => (tasks[i % 2] as RateLimiter).consume('a', 10));
    const waits = await Promise.all(calls);
    expect(waits.filter((wait) => wait === 0)).toHaveLength(20);
    expect(waits.filter((wait) => wait === 60)).toHaveLength(10);
    expect(events()).toEqual(['rate_limit_store_down', 'rate_limit_store_down']);
    store.behaviour = undefined;
    await until(() => events().length === 4);
    const after = await Promise.all(
      Array.from({ length: 30 }, (_, i) => (tasks[i % 2] as RateLimiter).consume('b', 10)),
    );
    expect(after.filter((wait) => wait === 0)).toHaveLength(10);
  });
});

describe('a connection at the end of its lifetime', () => {
  test('has two chances of replacement before ElastiCache ends it, 12 hours after authentication', () => {
    expect(2 * LIFETIME_MS).toBeLessThan(12 * 3_600_000);
  });

  test('is replaced by a new one with new authentication, and no call notices', async () => {
    let signIns = 0;
    const server = { host: '127.0.0.1', port: store.port, tls: false, username: 'mcp' };
    const password = async () => `token-${++signIns}`;
    const limiter = await start({ server, password, lifetimeMs: 20 });
    while (signIns < 8) {
      const calls = Array.from({ length: 50 }, () => outcome(limiter.consume('a', 100_000)));
      expect(new Set(await Promise.all(calls))).toEqual(new Set([0]));
    }
    expect(
      store.commands
        .filter(([name]) => name === 'AUTH')
        .map((auth) => auth[2])
        .slice(0, 3),
    ).toEqual(['token-1', 'token-2', 'token-3']);
    expect(events()).toEqual([]);
  });

  test('does not stay open after its replacement', async () => {
    const limiter = await start({ lifetimeMs: 1500 });
    await until(() => store.connections() === 2);
    await until(() => store.connections() === 1);
    expect(await outcome(limiter.consume('a', 10))).toBe(0);
  });

  test('is not given up for pending replies of its predecessor', async () => {
    const server = { host: '127.0.0.1', port: store.port, tls: false, username: 'mcp' };
    const asked: ((password: string) => void)[] = [];
    const password = () => new Promise<string>((resolve) => void asked.push(resolve));
    const starting = start({ server, password, lifetimeMs: 50 });
    await until(() => asked.length === 1);
    asked[0]?.('first');
    const limiter = await starting;
    await until(() => asked.length === 2);
    store.behaviour = ([name, , , key]) =>
      name === 'AUTH' ? '+OK\r\n' : key?.startsWith('mcp:probe:') ? ':0\r\n' : undefined;
    const call = outcome(limiter.consume('a', 10));
    asked[1]?.('second');
    expect(await call).toBe('limits_unavailable');
    store.behaviour = undefined;
    expect(await outcome(limiter.consume('a', 10))).toBe(0);
    expect(events()).toEqual([]);
  });

  test('stays in use while new connections are refused, which is logged, and ends when it is lost', async () => {
    const refused = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
    const server = { host: '127.0.0.1', port: store.port, tls: false, username: 'mcp' };
    const limiter = await start({ server, password: async () => 'token', lifetimeMs: 50 });
    let count = 0;
    store.behaviour = ([name]) => (name === 'AUTH' ? refused : `:${count++ && 0}\r\n`);
    await until(() => events().length >= 2);
    expect(await outcome(limiter.consume('a', 10))).toBe(0);
    expect(new Set(events())).toEqual(new Set(['rate_limit_store_not_replaced']));
    expect(log.lines.join()).toContain('WRONGPASS');
    store.cut();
    await until(() => events().includes('rate_limit_store_down'));
    expect(await outcome(limiter.consume('a', 10))).toBe('limits_unavailable');
    store.behaviour = undefined;
    await until(() => events().includes('rate_limit_store_up'));
    expect(await outcome(limiter.consume('a', 10))).toBe(0);
  });
});

describe('closing', () => {
  test('ends connections that are being replaced too', async () => {
    const limiter = await start({ lifetimeMs: 100 });
    await until(() => store.connections() >= 2);
    limiter.close();
    await until(() => store.connections() === 0);
    await sleep(200);
    expect(store.connections()).toBe(0);
  });

  test('ends the connection, and none is made again', async () => {
    const limiter = await start();
    expect(store.connections()).toBe(1);
    limiter.close();
    await until(() => store.connections() === 0);
    await sleep(300);
    expect(store.connections()).toBe(0);
    expect(await outcome(limiter.consume('a', 10))).toBe('limits_unavailable');
    expect(events()).toEqual([]);
  });

  test('ends an attempt to connect to a store that hangs', async () => {
    const limiter = await start();
    store.behaviour = () => undefined;
    await outcome(limiter.consume('a', 10));
    await until(() => store.connections() === 1);
    limiter.close();
    await until(() => store.connections() === 0);
  });

  test('ends an attempt whose TLS handshake is never answered', async () => {
    const limiter = await start({ server: { host: '127.0.0.1', port: store.port, tls: true } });
    expect(events()).toEqual(['rate_limit_store_down']);
    await until(() => store.connections() === 1);
    limiter.close();
    await sleep(500);
    expect(store.connections()).toBe(0);
  });
});
