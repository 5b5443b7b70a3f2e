import { once, setMaxListeners } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callOf } from '../service/support/start-app.ts';
import { entry } from '../service/support/tokens.ts';
import { countOf } from './support/load.ts';
import { head, openRaw } from './support/raw-client.ts';
import { type Answered, type FaultServer, figure, LIST, startServer } from './support/server.ts';
import { TASK_HEAP } from './support/smallest-task.ts';

/**
 * Two clients with 36 requests in flight each, at less than the default rate, and a third client. A page that never
 * answers holds a slot for 15 s; the third client would wait that long if the two had all slots.
 */

const TOKENS = ['one', 'two', 'third'].map((id) => `${id}-token-0123456789-abcdefghijklmn`);
const [ONE = '', TWO = '', token = ''] = TOKENS;
const WORKERS = 36;
const ATTACK_MS = 17_000;

/** Accepts every connection and sends nothing, except for one host that answers. */
let silent: Server;
let page: Server;
let server: FaultServer;

beforeAll(async () => {
  silent = createServer((socket) => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  page = createServer((socket) => {
    const text =
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood';
    socket.on('error', () => {}).on('data', () => socket.end(text));
  }).listen(0, '127.0.0.1');
  await Promise.all([once(silent, 'listening'), once(page, 'listening')]);
});
afterEach(() => void server.child.kill('SIGKILL'));
afterAll(() => {
  silent.close();
  page.close();
});

const portOf = (of: Server) => (of.address() as AddressInfo).port;

const start = () =>
  startServer(
    {
      TOKENS: JSON.stringify({ tokens: TOKENS.map((each, i) => entry(each, `c${i}`, ['scrape'])) }),
      SCRAPE_ALLOWED_DOMAINS: '*',
      FAULT_NAMES: JSON.stringify({
        'slow.example.net': [['93.184.216.34']],
        'page.example.net': [['93.184.216.35']],
      }),
      FAULT_HOSTS: JSON.stringify({ '93.184.216.34': portOf(silent), '93.184.216.35': portOf(page) }),
    },
    { node: TASK_HEAP },
  );

const slowPage = callOf('fetch_page', { url: 'http://slow.example.net/' });
const goodPage = callOf('fetch_page', { url: 'http://page.example.net/' });

/** One request, ended when the attack is over. */
type Attack = (from: string, over: AbortSignal) => Promise<unknown>;

const slowBody =
  (fields: Record<string, string | number>, first: string): Attack =>
  async (from, over) => {
    const { socket, closed } = await openRaw(server.port);
    const end = () => void socket.destroy();
    over.addEventListener('abort', end, { once: true });
    socket.write(`${head({ Authorization: `Bearer ${from}`, ...fields })}${first}`);
    // As slow as the server allows, then again.
    const timer = setTimeout(end, 14_500);
    await closed;
    clearTimeout(timer);
    over.removeEventListener('abort', end);
  };

const BODIES = [
  slowBody({ 'Content-Length': 100 }, '{'),
  slowBody({ 'Content-Length': 200_000 }, '{'),
  slowBody({ 'Transfer-Encoding': 'chunked' }, '1\r\n{\r\n'),
];

test.each<[string, readonly Attack[]]>([
  ['pages that do not answer', [(from) => server.post(slowPage, { token: from }).catch(() => {})]],
  ['bodies that do not come, small, large and of unknown length', BODIES],
])(
  'two clients with %s do not block a third',
  async (what, attacks) => {
    server = await start();
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    let sent = 0;
    const begun = performance.now();
    const work = async (attack: Attack, from: string) => {
      while (!over.signal.aborted) {
        sent += 1;
        await attack(from, over.signal);
        // A refused request retries as it was told.
        await sleep(1000, undefined, { signal: over.signal }).catch(() => {});
      }
    };
    const attackers = [ONE, TWO].flatMap((from) =>
      Array.from({ length: WORKERS }, (_, i) => work(attacks[i % attacks.length] as Attack, from)),
    );
    await sleep(1000);
    const lists: Answered[] = [];
    const calls: Answered[] = [];
    while (performance.now() - begun < ATTACK_MS) {
      lists.push(await server.post(LIST, { token }));
      // With three clients, the share of eight slots is two.
      calls.push(...(await Promise.all([1, 2].map(() => server.post(goodPage, { token })))));
      // Below its own limit of calls per minute.
      await sleep(700);
    }
    over.abort();
    server.child.kill('SIGKILL');
    await Promise.all(attackers);
    const statuses = [lists, calls].map((answers) => countOf(answers.map(({ status }) => status)));
    const [listMs = 0, callMs = 0] = [lists, calls].map((answers) =>
      Math.max(...answers.map(({ ms }) => ms)),
    );
    figure(`two clients with ${what}, and a third`, {
      sent,
      statuses: JSON.stringify(statuses),
      listMs,
      callMs,
    });
    expect(statuses).toEqual([{ 200: lists.length }, { 200: calls.length }]);
    expect(lists.length).toBeGreaterThan(5);
    expect(listMs).toBeLessThan(1000);
    expect(callMs).toBeLessThan(2000);
  },
  40_000,
);
