import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../service/support/until.ts';
import { head, openRaw } from './support/raw-client.ts';
import { askHealth, type FaultServer, figure, LIST, startServer } from './support/server.ts';

/** Open files that the task definition allows (infra/constructs/task/task.ts). */
const NOFILE = 16_384;
/** So few that a test can use all of them. */
const NOFILE_FEW = 512;
const HALF = 'half a body';

const servers: FaultServer[] = [];
/** Checks that wait for the end of the connections of a fault, while the next tests run. */
const endings = new Map<string, Promise<void>>();

async function start(...parameters: Parameters<typeof startServer>): Promise<FaultServer> {
  const server = await startServer(...parameters);
  servers.push(server);
  return server;
}
function end(what: string, ending: Promise<void>): void {
  endings.set(what, ending);
  // The test that waits for it reports it.
  ending.catch(() => {});
}
/** The ending of a fault that an earlier test has begun. */
function ended(what: string): Promise<void> {
  return endings.get(what) ?? Promise.reject(new Error(`not begun: ${what}`));
}

beforeAll(() => end(HALF, sendHalf()));
afterAll(() => {
  for (const server of servers) server.child.kill('SIGKILL');
});

interface Crowd {
  /** Open connections. */
  open(): number;
  /** Resolves when all are closed. */
  readonly gone: Promise<unknown>;
}

/** Opens connections and sends nothing on them. */
async function crowd(count: number, dial: () => Socket, event: string): Promise<Crowd> {
  let open = 0;
  const closings: Promise<unknown>[] = [];
  while (closings.length < count) {
    const sockets = Array.from({ length: Math.min(250, count - closings.length) }, dial);
    for (const socket of sockets) {
      // A connection that does not read never notices its end.
      socket
        .resume()
        .on('error', () => {})
        .once(event, () => {
          open += 1;
        });
      const ended = new Promise((resolve) => socket.once('close', resolve));
      closings.push(
        ended.then(() => {
          open -= 1;
        }),
      );
    }
    await Promise.all(
      sockets.map((socket) => Promise.race([once(socket, event), once(socket, 'close')]).catch(() => {})),
    );
  }
  return { open: () => open, gone: Promise.all(closings) };
}

const CROWDS = [
  ['5,000 that never begin their TLS', 5000, 'connect', 128 * 1024],
  ['1,000 that never send a request', 1000, 'secureConnect', 128 * 1024],
] as const;

test.each(CROWDS)(
  '%s do not block other clients',
  async (what, count, event, boundKiB) => {
    const server = await start({}, { nofile: NOFILE });
    await server.healthy();
    const target = { host: '127.0.0.1', port: server.port };
    const grown = server.watchMemory();
    const begun = performance.now();
    const dial = () =>
      event === 'connect' ? connect(target) : connectTls({ ...target, rejectUnauthorized: false });
    const idle = await crowd(count, dial, event);
    const openMs = Math.round(performance.now() - begun);
    expect(idle.open()).toBeGreaterThan(count * 0.99);
    const during = await server.healthy();
    const grownKiB = grown();
    expect(grownKiB).toBeLessThan(boundKiB);
    const close = async () => {
      await idle.gone;
      const ms = Math.round(performance.now() - begun);
      expect(ms).toBeLessThan(openMs + 20_000);
      expect(server.records()).toHaveLength(2);
      const afterwards = await server.healthy();
      figure(`client opens ${what}`, {
        openMs,
        during,
        grownKiB,
        closedMs: ms,
        audit: 'no record of these',
        afterwards,
      });
    };
    end(what, close());
  },
  60_000,
);

test('connections beyond the limit of open files are refused, existing ones are served, and new ones are accepted when the excess has gone', async () => {
  const server = await start({}, { nofile: NOFILE_FEW });
  await server.healthy();
  const target = { host: '127.0.0.1', port: server.port };
  const grown = server.watchMemory();
  const begun = performance.now();
  const idle = await crowd(2000, () => connect(target), 'connect');
  await sleep(500);
  const held = idle.open();
  const descriptors = readdirSync(`/proc/${server.child.pid}/fd`).length;
  // On the connection that the first call left open, and then on a new one.
  const kept = await server.post(LIST);
  expect([kept.status, kept.said]).toEqual([200, undefined]);
  expect(kept.ms).toBeLessThan(1000);
  const asked = performance.now();
  const fresh = await askHealth(server.port).catch(({ code }: { code?: string }) => code);
  const freshMs = Math.round(performance.now() - asked);
  expect(fresh).toBe('ECONNRESET');
  expect(freshMs).toBeLessThan(1000);
  const grownKiB = grown();
  expect(grownKiB).toBeLessThan(128 * 1024);
  expect(held).toBeGreaterThan(NOFILE_FEW * 0.9);
  expect(held).toBeLessThan(NOFILE_FEW);
  expect(descriptors).toBeLessThanOrEqual(NOFILE_FEW);
  await idle.gone;
  const closedMs = Math.round(performance.now() - begun);
  // A little more than the time for a TLS handshake (TIMEOUTS.tlsHandshake).
  expect(closedMs).toBeLessThan(20_000);
  expect(server.records()).toHaveLength(2);
  const afterwards = await server.healthy();
  figure('client opens 2,000 of 512 that may be open', {
    client: `kept connection 200 in ${kept.ms} ms, new one ${fresh} in ${freshMs} ms`,
    held,
    descriptors,
    grownKiB,
    closedMs,
    audit: 'no record of these',
    afterwards,
  });
}, 60_000);

test.each(CROWDS.map(([what]) => what))('%s are closed', (what) => ended(what), 60_000);

test('half a body without the rest is aborted, with one record', () => ended(HALF), 40_000);

async function sendHalf(): Promise<void> {
  const server = await start();
  const body = JSON.stringify(LIST);
  const client = await openRaw(server.port);
  client.socket.write(head({ 'Content-Length': body.length }) + body.slice(0, 10));
  const ms = await client.closed;
  expect(ms).toBeLessThan(25_000);
  await until(() => server.records().length === 1);
  const [record] = server.records();
  expect([record?.['outcome'], record?.['errorCode']]).toEqual(['invalid', 'body_not_read']);
  const afterwards = await server.healthy();
  figure('client sends half a body and waits', {
    client: client.said().slice(0, 12) || 'closed',
    ms,
    audit: 'invalid body_not_read',
    afterwards,
  });
}
