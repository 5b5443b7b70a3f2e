import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fetchJson, issuerDeadline } from '../../../service/auth/fetch-json.ts';
import { ask } from '../../../service/outgoing/ask.ts';
import { createVaultHttp } from '../../../service/secrets/vault-http.ts';
import { until } from '../support/until.ts';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that sends arbitrary bytes. */
async function serve(behave: (socket: Socket, head: string) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
      .once('data', (head) => behave(socket, head.toString()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), sockets };
}

/** Writes without an end while it is read. */
const flood = (before: string, text: string) => (socket: Socket) => {
  const more = () => {
    while (socket.write(text));
  };
  socket.on('drain', more).write(before);
  more();
};

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const FLOODS = [
  [
    'interim answers',
    flood('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000)),
    'TOO_MANY_INTERIM_ANSWERS',
  ],
  ['header fields', flood(`${HEAD}${'a:\r\n'.repeat(200)}\r\n`, 'w'.repeat(1000)), 'TOO_MANY_HEADER_FIELDS'],
  ['chunks of one byte', flood(CHUNKED, '1\r\nw\r\n'.repeat(1000)), 'TOO_MANY_PIECES'],
  [
    'chunk extensions',
    flood(CHUNKED, `20;a=${'b'.repeat(16_000)}\r\n${'w'.repeat(32)}\r\n`.repeat(4)),
    'TOO_MANY_BYTES',
  ],
  ['a switch of protocols', flood('HTTP/1.1 101 Switching\r\n\r\n', 'w'.repeat(1000)), 'PROTOCOL_SWITCHED'],
] as const;

/** Every caller that asks a server which the operator configured. */
const ASKED = [
  [
    'a plain question',
    (url: URL) => ask(url, { headers: {}, maxBytes: 10_000, signal: AbortSignal.timeout(5000) }),
  ],
  ['the issuer', (url: URL) => fetchJson(url, issuerDeadline())],
  [
    'Vault',
    (url: URL) =>
      createVaultHttp({ address: url.href, namespace: undefined, timeoutMs: 3000 })({
        method: 'GET',
        path: 'x',
      }),
  ],
] as const;

describe.each(ASKED)('%s', (_who, question) => {
  test.each(FLOODS)(
    'that gets a flood of %s ends, and so does the connection',
    async (_what, behave, code) => {
      const { url, sockets } = await serve(behave);
      const begun = performance.now();
      await expect(question(url)).rejects.toThrow(code);
      expect(performance.now() - begun).toBeLessThan(2500);
      await until(() => sockets.size === 0);
    },
  );

  test('that gets a body beyond its bound ends, and so does the connection', async () => {
    const { url, sockets } = await serve(flood(`${HEAD}\r\n`, 'w'.repeat(65_536)));
    await Promise.resolve(question(url)).catch((error: Error) =>
      expect(error.message).toMatch(/more than|longer than/),
    );
    await until(() => sockets.size === 0);
  });
});

test('a question identifies its sender, on its own connection', async () => {
  let head = '';
  const { url } = await serve((socket, text) => {
    head = text;
    socket.end(`${HEAD}\r\n{}`);
  });
  const signal = AbortSignal.timeout(5000);
  const asked = {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: 'é',
    maxBytes: 10,
    signal,
  } as const;
  expect(await ask(url, asked)).toEqual({ status: 200, text: '{}' });
  expect(head.split('\r\n').slice(0, -2)).toEqual([
    'POST / HTTP/1.1',
    `host: ${url.host}`,
    expect.stringMatching(/^user-agent: hardened-mcp\//),
    'connection: close',
    'accept: application/json',
    'content-length: 2',
  ]);
});
