import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import type { RateLimiter } from '../../../service/limits/rate-limiter.ts';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';
import { readOf, resource } from '../support/items.ts';
import { callOf, modern, startApp } from '../support/start-app.ts';
import { entry, TOKENS } from '../support/tokens.ts';

const MINUTE = 60_000;

describe('the sliding window', () => {
  function limiterAt(start: number) {
    const clock = { time: start };
    const limiter = createSlidingWindow(() => clock.time);
    const take = async (count: number, limit: number) => {
      let allowed = 0;
      for (let i = 0; i < count; i++) if ((await limiter.consume('key', limit)) === 0) allowed += 1;
      return allowed;
    };
    return { clock, limiter, take };
  }

  test('allows exactly the limit, then returns the time to wait', async () => {
    const { limiter, take } = limiterAt(100 * MINUTE);
    expect(await take(15, 10)).toBe(10);
    const wait = await limiter.consume('key', 10);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(2 * 60);
  });

  test('bursts on both sides of a minute’s edge do not exceed the limit', async () => {
    const { clock, take } = limiterAt(100 * MINUTE + 59_000);
    expect(await take(10, 10)).toBe(10);
    clock.time = 101 * MINUTE + 1_000;
    expect(await take(10, 10)).toBe(0);
  });

  test('calls become available one by one as the window slides', async () => {
    const { clock, take } = limiterAt(100 * MINUTE);
    for (let i = 0; i < 10; i++) {
      expect(await take(1, 10)).toBe(1);
      clock.time += 3000;
    }
    clock.time = 101 * MINUTE + 13_500;
    expect(await take(10, 10)).toBe(5);
    clock.time = 103 * MINUTE;
    expect(await take(20, 10)).toBe(10);
  });

  test('no 60 seconds contain more than the limit, whatever the pattern', async () => {
    const { clock, limiter } = limiterAt(0);
    const allowed: number[] = [];
    for (let i = 0; i < 5000; i++) {
      clock.time += (i * 7919) % 400;
      if (i % 500 > 450) clock.time += 3000;
      if ((await limiter.consume('key', 20)) === 0) allowed.push(clock.time);
    }
    for (let i = 20; i < allowed.length; i++) {
      expect((allowed[i] as number) - (allowed[i - 20] as number)).toBeGreaterThanOrEqual(MINUTE);
    }
    expect(allowed.length).toBeGreaterThan(200);
  });

  test.each([0, 17_000, 59_900])(
    'a client that waits as told, %d ms into a minute, is allowed',
    async (offset) => {
      const { clock, limiter, take } = limiterAt(100 * MINUTE + offset);
      await take(10, 10);
      const wait = await limiter.consume('key', 10);
      clock.time += wait * 1000;
      expect(await limiter.consume('key', 10)).toBe(0);
    },
  );

  test('allows exactly the events that a list of all events would allow, and queries do not count', async () => {
    for (const limit of [1, 2, 7, 8, 9, 16, 17, 40]) {
      const { clock, limiter } = limiterAt(0);
      const times: number[] = [];
      const wrong: unknown[] = [];
      for (let i = 0; i < 300; i++) {
        clock.time += (i * 7919 * limit) % Math.ceil(90_000 / limit);
        const within = times.filter((time) => time + MINUTE > clock.time).length;
        for (const some of [1, Math.ceil(limit / 2), limit]) {
          const free = limiter.wait('key', some) === 0;
          if (free !== within < some) wrong.push({ i, some, within, free });
        }
        const wait = limiter.wait('key', limit);
        if ((await limiter.consume('key', limit)) !== wait) wrong.push({ i, wait });
        if (wait === 0) times.push(clock.time);
      }
      expect([limit, wrong]).toEqual([limit, []]);
      expect(times.length).toBeGreaterThan(limit);
    }
  });

  test('of simultaneous events exactly the limit is allowed', async () => {
    const { limiter } = limiterAt(100 * MINUTE);
    const waits = await Promise.all(Array.from({ length: 500 }, () => limiter.consume('key', 50)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
  });
});

describe('limits over HTTP', () => {
  test('a client beyond its limit gets 429 with Retry-After; others are not affected', async () => {
    const app = await startApp({ clientLimitPerMinute: 3 });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await app.post(callOf('echo'))).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await app.post(callOf('echo'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error: { code: 429 }, id: null });
    expect((await app.post(callOf('echo'), { authorization: `Bearer ${TOKENS.bob}` })).status).toBe(200);
    expect((await app.audit(6)).filter(({ outcome }) => outcome === 'rate_limited')).toHaveLength(2);
    await app.stop();
  });

  test.each(['legacy', 'modern'])(
    'a tool beyond its own limit gets 429 with Retry-After, %s era',
    async (era) => {
      const app = await startApp();
      const message = modern('tools/call', { name: 'limited', arguments: { text: 'x' } }, 'call-1');
      const send = () =>
        era === 'modern'
          ? app.post(message.body, message.headers)
          : app.post(callOf('limited', { text: 'x' }, 'call-1'));
      await send();
      await send();
      const refused = await send();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(await refused.json()).toMatchObject({ error: { code: 429 }, id: 'call-1' });
      expect((await app.post(callOf('echo'))).status).toBe(200);
      await app.stop();
    },
  );

  test('a client never shares the count of another whose id continues the name of a resource', async () => {
    const [one, other] = ['one-0123456789-abcdefghijklmnopqr', 'other-0123456789-abcdefghijklmnop'];
    const app = await startApp({
      toolLimitPerMinute: 1,
      resources: ['test://a', 'test://a:b'].map((uri) => resource(uri, async () => ({ text: uri }))),
      tokenDocument: async () =>
        JSON.stringify({ tokens: [entry(one, 'c', ['echo']), entry(other, 'b:c', ['echo'])] }),
    });
    const read = async (uri: string, token: string) =>
      (await app.post(readOf(uri), { authorization: `Bearer ${token}` })).status;
    expect(await read('test://a:b', one)).toBe(200);
    expect(await read('test://a', other)).toBe(200);
    expect(await read('test://a', other)).toBe(429);
    await app.stop();
  });

  test('refused arguments do not count in the tool’s limit', async () => {
    const app = await startApp();
    for (let i = 0; i < 5; i++) await app.post(callOf('limited', { text: 1 }));
    expect((await app.post(callOf('limited'))).status).toBe(200);
    await app.stop();
  });
});

describe('limits that cannot be checked', () => {
  /** Fails for keys of this kind, like a shared store that is down, and lets all others pass. */
  const failing = (kind: string): RateLimiter => ({
    async consume(key) {
      if (!key.startsWith(kind)) return 0;
      throw new ServiceError('limits_unavailable', { reason: 'no answer', headers: { 'Retry-After': '5' } });
    },
    close() {},
  });

  test.each(['client:', 'tool:'])('allow no call: 503 with Retry-After, and a record; %s', async (kind) => {
    const app = await startApp({ limiter: failing(kind) });
    const refused = await app.post(callOf('echo'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({
      error: {
        code: 503,
        message: 'The rate limits cannot be checked now; retry in 5 s',
        data: { retryAfterSeconds: 5 },
      },
    });
    const [record] = await app.audit();
    expect(record).toMatchObject({
      clientId: 'alice',
      outcome: 'error',
      errorCode: 'limits_unavailable',
      reason: 'no answer',
    });
    await app.stop();
  });
});
