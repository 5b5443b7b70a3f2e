import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from '@redis/client';
import type { RateLimiter } from '../../service/limits/rate-limiter.ts';
import { createSlidingWindow } from '../../service/limits/sliding-window.ts';
import { createValkeyLimiter, type ValkeyLimiterOptions } from '../../service/limits/valkey-limiter.ts';
import { WINDOW_SCRIPT } from '../../service/limits/valkey-script.ts';
import { createMemoryLog, type MemoryLog } from '../service/support/oauth-app.ts';
import { until } from '../service/support/until.ts';
import { type RealValkey, startValkey } from './server.ts';

const WINDOW_MICROSECONDS = 60_000_000;

let valkey: RealValkey;
let log: MemoryLog;
let operator: ReturnType<typeof connect>;
/** Everything that a test opens; closed after the test, whatever its outcome. */
const opened: (() => void | Promise<void>)[] = [];

function connect(port: number) {
  // Without a listener, the end of the server would be an unhandled error.
  return createClient({ socket: { host: '127.0.0.1', port } }).on('error', () => {});
}

async function start(more: Partial<ValkeyLimiterOptions> = {}): Promise<RateLimiter> {
  const limiter = await createValkeyLimiter({
    server: { host: '127.0.0.1', port: valkey.port, tls: false },
    service: 'https://mcp.example.com/mcp',
    failure: 'deny',
    now: () => performance.now(),
    logger: log,
    ...more,
  });
  opened.push(() => limiter.close());
  return limiter;
}

beforeAll(async () => {
  valkey = await startValkey();
  operator = connect(valkey.port);
  await operator.connect();
});
beforeEach(async () => {
  log = createMemoryLog();
  await operator.flushAll();
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
afterAll(async () => {
  operator.destroy();
  await valkey.stop();
});

let seed = 20_251_125;
/** A whole number below a bound, the same in every run (Lehmer). */
function random(bound: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % Math.floor(bound);
}

const keys = async () => (await operator.keys('*')).filter((key) => !key.startsWith('mcp:probe:'));

describe('the script', () => {
  /** The script with the test's clock in place of the server's, in microseconds. */
  const script = WINDOW_SCRIPT.replace("redis.call('TIME')", '{ 0, ARGV[3] }');
  const consume = async (key: string, limit: number, time: number) => {
    const values = [limit, WINDOW_MICROSECONDS, time].map(String);
    return Number(await operator.eval(script, { keys: [key], arguments: values }));
  };

  test('differs from the tested one only by its clock', () => {
    expect(script).not.toContain("'TIME'");
    expect(script.length).toBeGreaterThan(WINDOW_SCRIPT.length - 20);
  });

  test.each([1, 2, 7, 60])(
    'returns the same as the window in memory, limit %d, event by event',
    async (limit) => {
      let milliseconds = 1_700_000_000_000;
      const memory = createSlidingWindow(() => milliseconds);
      let allowed = 0;
      for (let i = 0; i < 3000; i++) {
        // Bursts at one moment, a steady stream at the limit, edges of the window to the millisecond, long pauses.
        const gaps = [
          0,
          0,
          random(120_000 / limit),
          Math.round(60_000 / limit),
          random(50),
          i % 97 ? 0 : 61_000,
        ];
        milliseconds += gaps[random(gaps.length)] ?? 0;
        const [expected, got] = [
          await memory.consume('key', limit),
          await consume('key', limit, milliseconds * 1000),
        ];
        if (got !== expected) throw new Error(`event ${i} at ${milliseconds}: ${got} and not ${expected}`);
        if (got === 0) allowed += 1;
      }
      expect(allowed).toBeGreaterThan(100);
      expect(allowed).toBeLessThan(2900);
      expect(await operator.lLen('key')).toBeLessThanOrEqual(limit);
    },
  );

  test('keeps each of two limits exactly while tasks differ, as during a deployment', async () => {
    let time = 1_700_000_000_000_000;
    const allowed: number[] = [];
    for (let i = 0; i < 4000; i++) {
      time += random(9_000_000);
      const limit = i % 3 ? 12 : 5;
      const before = allowed.filter((other) => time - other < WINDOW_MICROSECONDS).length;
      const wait = await consume('key', limit, time);
      expect(wait === 0).toBe(before < limit);
      if (wait === 0) allowed.push(time);
    }
    expect(await operator.lLen('key')).toBeLessThanOrEqual(12);
  });

  test('is not blocked by future events, which remain after the clock was set back', async () => {
    const time = 1_700_000_000_000_000;
    for (let i = 0; i < 5; i++) await consume('key', 3, time);
    const earlier = time - 3_600_000_000;
    const waits = [];
    for (let i = 0; i < 5; i++) waits.push(await consume('key', 3, earlier));
    expect(waits).toEqual([0, 0, 0, 60, 60]);
  });
});

describe('the limiter', () => {
  test('allows many connections exactly the limit, and stores no more than that', async () => {
    const tasks = await Promise.all(Array.from({ length: 8 }, () => start()));
    const calls = Array.from({ length: 4000 }, (_, i) => (tasks[i % 8] as RateLimiter).consume('a', 500));
    const waits = await Promise.all(calls);
    expect(waits.filter((wait) => wait === 0)).toHaveLength(500);
    expect(Math.min(...waits.filter((wait) => wait > 0))).toBeGreaterThanOrEqual(50);
    const [key = ''] = await keys();
    expect(await keys()).toHaveLength(1);
    expect(await operator.lLen(key)).toBe(500);
    const left = await operator.pTTL(key);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(log.lines).toEqual([]);
  });

  test('accepts the highest possible limit', async () => {
    const limiter = await start();
    let allowed = 0;
    for (let i = 0; i < 101; i++) {
      const calls = Array.from({ length: 1000 }, () => limiter.consume('a', 100_000));
      allowed += (await Promise.all(calls)).filter((wait) => wait === 0).length;
    }
    expect(allowed).toBe(100_000);
    // 3 MB for the busiest client at the highest limit that an operator may set.
    expect(await operator.memoryUsage((await keys())[0] ?? '')).toBeLessThan(3_000_000);
  });

  test('continues when the server forgets the script', async () => {
    const limiter = await start();
    for (let i = 0; i < 5; i++) await limiter.consume('a', 8);
    await operator.scriptFlush();
    const waits = await Promise.all(Array.from({ length: 5 }, () => limiter.consume('a', 8)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
    expect(log.lines).toEqual([]);
  });

  test('recovers after a failover: read-only, then writable', async () => {
    const limiter = await start();
    await operator.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await expect(limiter.consume('a', 8)).rejects.toMatchObject({ code: 'limits_unavailable' });
    expect(log.lines.join()).toContain('READONLY');
    await sleep(300);
    await operator.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await until(async () => (await limiter.consume('a', 8).catch(() => 1)) === 0);
    expect(log.lines.map((line) => JSON.parse(line).event)).toEqual([
      'rate_limit_store_down',
      'rate_limit_store_up',
    ]);
  });

  test('reports that the server has no memory left, and counts again when it has', async () => {
    const limiter = await start();
    await operator.configSet('maxmemory', '1');
    await expect(limiter.consume('a', 8)).rejects.toMatchObject({ code: 'limits_unavailable' });
    expect(log.lines.join()).toContain('OOM');
    await operator.configSet('maxmemory', '0');
    await until(async () => (await limiter.consume('a', 8).catch(() => 1)) === 0);
  });

  test('uses a rotated password for its next connection', async () => {
    await operator.aclSetUser('mcp', ['on', '>first', '~mcp:*', '+@all']);
    let current = 'first';
    const server = { host: '127.0.0.1', port: valkey.port, tls: false, username: 'mcp' };
    const limiter = await start({ server, password: async () => current });
    expect(await limiter.consume('a', 8)).toBe(0);
    await operator.aclSetUser('mcp', ['resetpass', '>second']);
    await operator.sendCommand(['CLIENT', 'KILL', 'USER', 'mcp']);
    await until(() => log.lines.length > 0);
    await expect(limiter.consume('a', 8)).rejects.toMatchObject({ code: 'limits_unavailable' });
    current = 'second';
    await until(async () => (await limiter.consume('a', 8).catch(() => 1)) === 0);
    await operator.aclDelUser('mcp');
  });

  test('uses one key per call, as a cluster requires', async () => {
    const cluster = await startValkey({ configuration: ['cluster-enabled yes'] });
    opened.push(() => cluster.stop());
    const node = connect(cluster.port);
    await node.connect();
    opened.push(() => node.destroy());
    await node.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    await until(async () => String(await node.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    const limiter = await start({ server: { host: '127.0.0.1', port: cluster.port, tls: false } });
    const calls = Array.from({ length: 200 }, (_, i) => limiter.consume(`client:${i % 50}`, 3));
    expect((await Promise.all(calls)).filter((wait) => wait === 0)).toHaveLength(150);
  });
});
