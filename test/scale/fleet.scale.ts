import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { countOf, startLoad } from '../faults/support/load.ts';
import { checkChain, type FaultServer, LIST } from '../faults/support/server.ts';
import { until } from '../service/support/until.ts';
import { ERAS, goRound } from './support/clients.ts';
import { startFleet } from './support/fleet.ts';
import { type RoundRobin, startRoundRobin } from './support/round-robin.ts';

const SECONDS = 12;
const CLIENTS_OF_AN_ERA = 8;
const CALLS = 6000;

let pages: Server;
let balancer: RoundRobin;
const pagePort = () => (pages.address() as AddressInfo).port;
beforeAll(async () => {
  const html = `<title>Page</title>${'<p>Words of a page.</p>'.repeat(50)}`;
  pages = createServer((_request, response) => {
    // Long enough that a process is killed in the middle of calls.
    setTimeout(() => response.writeHead(200, { 'Content-Type': 'text/html' }).end(html), 100);
  }).listen(0, '127.0.0.1');
  await once(pages, 'listening');
});
afterAll(() => {
  pages.closeAllConnections();
  pages.close();
});
beforeEach(async () => {
  balancer = await startRoundRobin('mcp.example.com');
});
afterEach(() => balancer.stop());

/** Runs clients of both eras during `meanwhile`. @returns their results */
async function load(meanwhile: () => Promise<void>) {
  let done = false;
  const clients = Object.values(ERAS).flatMap((connect) =>
    Array.from({ length: CLIENTS_OF_AN_ERA }, () => goRound(connect, balancer.url, () => !done)),
  );
  await meanwhile();
  done = true;
  const rounds = await Promise.all(clients);
  return {
    whole: Object.fromEntries(
      Object.keys(ERAS).map((era, index) => [
        era,
        rounds
          .slice(index * CLIENTS_OF_AN_ERA, (index + 1) * CLIENTS_OF_AN_ERA)
          .reduce((sum, { whole }) => sum + whole, 0),
      ]),
    ),
    broken: rounds.flatMap(({ broken }) => broken),
  };
}

/** The ids of all recorded requests; every chain must be valid. */
function requestsOf(servers: readonly FaultServer[]): number {
  for (const server of servers) expect(checkChain(server.stdout())).toBeUndefined();
  return servers.reduce((sum, server) => sum + server.records().length, 0);
}

test('eight processes serve clients of both eras that reach another process with each request', async () => {
  const fleet = await startFleet(8, balancer, pagePort());
  const { whole, broken } = await load(() => sleep(SECONDS * 1000));
  expect(broken).toEqual([]);
  for (const rounds of Object.values(whole)) expect(rounds).toBeGreaterThan(20);
  const answered = [...balancer.answered.values()];
  expect(answered).toHaveLength(8);
  expect(Math.max(...answered) - Math.min(...answered)).toBeLessThanOrEqual(8);
  await until(() => requestsOf(fleet.servers) === answered.reduce((sum, one) => sum + one, 0));
  print('eight processes', { whole, answered });
}, 120_000);

test('killed processes lose only the calls that they had in flight', async () => {
  const fleet = await startFleet(8, balancer, pagePort());
  const killed = new Map<number, number>();
  const { whole, broken } = await load(async () => {
    for (const victim of fleet.servers.slice(0, 5)) {
      await sleep((SECONDS * 1000) / 6);
      killed.set(victim.port, balancer.remove(victim.port));
      victim.child.kill('SIGKILL');
      await fleet.grow();
    }
    await sleep((SECONDS * 1000) / 6);
  });
  const lost = new Map<number, number>();
  for (const port of balancer.failed) lost.set(port, (lost.get(port) ?? 0) + 1);
  for (const [port, calls] of lost) expect(calls).toBeLessThanOrEqual(killed.get(port) ?? 0);
  // Without a call in flight, the test would show nothing.
  expect(balancer.failed.length).toBeGreaterThan(0);
  expect(broken.length).toBeLessThanOrEqual(balancer.failed.length);
  for (const rounds of Object.values(whole)) expect(rounds).toBeGreaterThan(20);
  requestsOf(fleet.servers);
  print('five of eight killed and replaced', {
    whole,
    inFlight: [...killed.values()],
    lost: balancer.failed.length,
    clientsThatSaw: broken.length,
  });
}, 120_000);

test('processes that are told to stop, as in a deployment, lose no call', async () => {
  const fleet = await startFleet(4, balancer, pagePort());
  const ends: (number | string)[] = [];
  const { whole, broken } = await load(async () => {
    for (const leaving of fleet.servers.slice(0, 4)) {
      await fleet.grow();
      balancer.remove(leaving.port);
      leaving.child.kill('SIGTERM');
      ends.push(await leaving.exited());
    }
  });
  expect({ broken, failed: balancer.failed, ends }).toEqual({ broken: [], failed: [], ends: [0, 0, 0, 0] });
  requestsOf(fleet.servers);
  print('all of four replaced', { whole });
}, 120_000);

test.each([1, 2])(
  '%d processes under full load serve every call',
  async (size) => {
    const fleet = await startFleet(size, balancer, pagePort());
    const call = (times: number) =>
      Promise.all(
        fleet.servers.map(async ({ port }) => {
          const { ended, answers, broken } = startLoad(port, {
            workers: 16 / size,
            message: () => LIST,
            times,
          });
          await ended;
          return [...answers.map(({ status }) => status), ...broken];
        }),
      );
    await call(1000);
    const before = fleet.cpuMs();
    const begun = performance.now();
    const said = await call(CALLS / size);
    const seconds = (performance.now() - begun) / 1000;
    expect(Object.keys(countOf(said.flat()))).toEqual(['200']);
    requestsOf(fleet.servers);
    print(`${size} of them, and the load, on ${cpus().length} cores`, {
      callsASecond: Math.round(CALLS / seconds),
      cpuMsACall: Number(((fleet.cpuMs() - before) / CALLS).toFixed(2)),
    });
  },
  120_000,
);

function print(what: string, figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`SCALE ${JSON.stringify({ what, ...figures })}\n`);
}
