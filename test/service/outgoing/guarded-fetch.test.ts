// biome-ignore-all lint/style/noExcessiveLinesPerFile: the cases share one server
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { quoted } from '../../../service/logging/json-line.ts';
import type { FetchOptions } from '../../../service/outgoing/guarded-fetch.ts';
import { createUrlGuard } from '../../../service/outgoing/url-guard.ts';
import { fetchText } from '../../support/fetch-page.ts';
import { edge, never, refusal, resolver } from '../../support/network.ts';
import { useServers } from '../../support/use-servers.ts';

const { serve, atEnd } = useServers();

/** A server that sends arbitrary bytes. */
async function serveRaw(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(origin: string, signal: AbortSignal = never, options: Partial<FetchOptions> = {}) {
  const guard = createUrlGuard({ allowedDomains: [], localOrigins: [origin] });
  return fetchText(`${origin}/`, { guard, maxBytes: 100_000, ...options }, signal);
}

async function fetchFrom(listener: RequestListener, options: Partial<FetchOptions> = {}) {
  return get((await serve(listener)).origin, never, options);
}

const text = { 'content-type': 'text/plain' };

describe('a request', () => {
  test('carries the given fields and nothing else', async () => {
    let headers: IncomingMessage['headers'] = {};
    const { origin } = await serve((request, response) => {
      headers = request.headers;
      response.writeHead(200, text).end('ok');
    });
    await get(origin);
    expect(headers).toEqual({
      host: origin.slice('http://'.length),
      'user-agent': 'hardened-mcp/tests',
      accept: 'text/*',
      'accept-encoding': 'gzip, br',
      connection: 'close',
    });
  });

  test('has its own connection, which is closed afterwards', async () => {
    const server = await serve((_request, response) => response.writeHead(200, text).end('ok'));
    await get(server.origin);
    await get(server.origin);
    expect(server.connections()).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const open = await new Promise((resolve) =>
      server.server.getConnections((_error, count) => resolve(count)),
    );
    expect(open).toBe(0);
  });

  test('ignores proxies of the environment and goes to the checked address', async () => {
    const server = await serve((request, response) =>
      response.writeHead(200, text).end(request.headers.host),
    );
    const { connect, targets } = edge(server.port);
    const guard = createUrlGuard({ allowedDomains: ['*'], ...resolver({ 'public.org': ['93.184.216.34'] }) });
    const page = await fetchText('http://public.org/', { guard, maxBytes: 100, connect }, never);
    expect(Buffer.from(page.bytes).toString()).toBe('public.org');
    expect(targets).toEqual(['93.184.216.34 80']);
  });

  test('tries the next checked address when one does not respond', async () => {
    const server = await serve((_request, response) => response.writeHead(200, text).end('ok'));
    const dead = edge(1);
    const alive = edge(server.port);
    const guard = createUrlGuard({
      allowedDomains: ['*'],
      ...resolver({ 'public.org': ['2606:4700::1111', '93.184.216.34'] }),
    });
    const connect: FetchOptions['connect'] = (target) =>
      (target.host.includes(':') ? dead : alive).connect(target);
    await fetchText('http://public.org/', { guard, maxBytes: 100, connect }, never);
    expect([...dead.targets, ...alive.targets]).toEqual(['2606:4700::1111 80', '93.184.216.34 80']);
  });
});

describe('a response', () => {
  test.each([200, 404, 500])('with status %i is a page', async (status) => {
    const page = await fetchFrom((_request, response) => response.writeHead(status, text).end('words'));
    expect(page).toMatchObject({ status, contentType: 'text/plain', truncated: false });
    expect(Buffer.from(page.bytes).toString()).toBe('words');
  });

  test('without a body needs no type', async () => {
    const page = await fetchFrom((_request, response) => response.writeHead(204).end());
    expect(page).toMatchObject({ status: 204, truncated: false });
  });

  test('of a type that the caller refuses is not read', async () => {
    const said = refusal(
      fetchFrom((_request, response) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.write('x');
      }),
    );
    expect(await said).toBe('content_unsupported: media type image/png');
  });

  test('beyond the size bound is cut off there', async () => {
    const page = await fetchFrom((_request, response) =>
      response.writeHead(200, text).end('x'.repeat(300_000)),
    );
    expect(page.bytes).toHaveLength(100_000);
    expect(page.truncated).toBe(true);
  });

  test('of exactly the size bound is complete', async () => {
    const page = await fetchFrom((_request, response) =>
      response.writeHead(200, text).end('x'.repeat(100_000)),
    );
    expect(page).toMatchObject({ truncated: false });
  });

  test('that never ends is cut off at the size bound', async () => {
    const page = await fetchFrom((_request, response) => {
      response.writeHead(200, text);
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    expect(page).toMatchObject({ truncated: true });
  });

  test('that is shorter than its Content-Length is a failure', async () => {
    const origin = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nshort'),
    );
    expect(await refusal(get(origin))).toMatch(/^upstream_failed: GET failed: /);
  });

  test('that is longer than its Content-Length ends there', async () => {
    const origin = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nshort and more'),
    );
    expect(Buffer.from((await get(origin)).bytes).toString()).toBe('short');
  });

  test.each([
    ['a header section beyond 16 KiB', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    [
      'both Content-Length and chunked',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef'],
    ['a protocol switch', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['nothing', ''],
  ])('with %s is a failure', async (_name, bytes) => {
    const origin = await serveRaw((socket) => socket.end(bytes));
    expect(await refusal(get(origin))).toMatch(/^upstream_failed: GET failed: \w+$/);
  });

  test('a refused connection is a failure with its code', async () => {
    expect(await refusal(get('http://127.0.0.1:1'))).toBe('upstream_failed: GET failed: ECONNREFUSED');
  });
});

describe('the framing of a response', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: y\r\n`).join('');
  const interim = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => `HTTP/1.1 ${[100, 102, 103][i % 3]} Wait\r\n${fields(3)}\r\n`,
    ).join('');
  const answer = (bytes: string) => serveRaw((socket) => socket.once('data', () => socket.end(bytes)));

  test.each([
    ['8 interim answers', `${interim(8)}${HEAD}\r\nwords`],
    ['128 header fields', `${HEAD}${fields(127)}\r\nwords`],
    [
      'chunks of one byte',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n${[...'words'].map((each) => `1\r\n${each}\r\n`).join('')}0\r\na: b\r\n\r\n`,
    ],
  ])('may be of %s', async (_what, bytes) => {
    const page = await get(await answer(bytes));
    expect(Buffer.from(page.bytes).toString()).toBe('words');
  });

  test.each([
    ['9 interim answers', `${interim(9)}${HEAD}\r\nwords`, 'TOO_MANY_INTERIM_ANSWERS'],
    ['129 header fields', `${HEAD}${fields(128)}\r\nwords`, 'TOO_MANY_HEADER_FIELDS'],
    [
      'so many header fields that Node drops the Location behind them',
      `HTTP/1.1 302 Found\r\n${'a:\r\n'.repeat(1100)}Location: /\r\n\r\n`,
      'TOO_MANY_HEADER_FIELDS',
    ],
    [
      'more than 4,096 chunks of one byte',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n${'1\r\nw\r\n'.repeat(5000)}0\r\n\r\n`,
      'TOO_MANY_PIECES',
    ],
    [
      'chunk extensions, which are more than twice the page',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n${`40;${'x'.repeat(16_000)}\r\n${'w'.repeat(64)}\r\n`.repeat(60)}0\r\n\r\n`,
      'TOO_MANY_BYTES',
    ],
  ])('is refused when it has %s', async (_what, bytes, code) => {
    expect(await refusal(get(await answer(bytes)))).toBe(`upstream_failed: GET failed: ${code}`);
  });

  test('of all redirects together is bounded', async () => {
    const origin = await serveRaw((socket) =>
      socket.once('data', () => {
        socket.write(
          `${`HTTP/1.1 103 Wait\r\na: ${'b'.repeat(15_000)}\r\n\r\n`.repeat(8)}HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n`,
        );
      }),
    );
    // 120 kB at each of six hops, none of which is beyond the bound of 258 kB by itself.
    const said = await refusal(get(origin, never, { maxBytes: 1024 }));
    expect(said).toBe('upstream_failed: GET failed: TOO_MANY_BYTES');
  });
});

test.each(['image/png', 'text/plain'])(
  'the connection is closed although the server keeps %s open',
  async (type) => {
    let closed = false;
    const origin = await serveRaw((socket) => {
      socket.on('data', () =>
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n${'x'.repeat(200_000)}`),
      );
      socket.on('close', () => {
        closed = true;
      });
    });
    await refusal(get(origin));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(closed).toBe(true);
  },
);

describe('compression', () => {
  const page = 'words '.repeat(1000);
  test.each([
    ['gzip', gzipSync(page)],
    ['x-gzip', gzipSync(page)],
    ['deflate', deflateSync(page)],
    ['br', brotliCompressSync(page)],
    ['GZIP', gzipSync(page)],
    ['identity', Buffer.from(page)],
  ])('%s is decompressed', async (coding, bytes) => {
    const { bytes: got } = await fetchFrom((_request, response) =>
      response.writeHead(200, { ...text, 'content-encoding': coding }).end(bytes),
    );
    expect(Buffer.from(got).toString()).toBe(page);
  });

  test.each(['gzip, gzip', 'br, gzip', 'zstd', 'compress', 'constructor'])(
    '%s is refused',
    async (coding) => {
      const said = await refusal(
        fetchFrom((_request, response) =>
          response.writeHead(200, { ...text, 'content-encoding': coding }).end('x'),
        ),
      );
      expect(said).toBe(`content_unsupported: content coding ${quoted(coding.toLowerCase())}`);
    },
  );

  test.each([1, 10, 1000])('gzip in pieces of %i bytes is decompressed', async (size) => {
    const random = Array.from({ length: 3000 }, (_, i) => (i * 7919).toString(36))
      .join(' ')
      .slice(0, 4000);
    const bytes = gzipSync(random);
    const { bytes: got } = await fetchFrom((_request, response) => {
      response.writeHead(200, { ...text, 'content-encoding': 'gzip' });
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      response.end();
    });
    expect(Buffer.from(got).toString()).toBe(random);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('%s that is cut off at the bound returns its output so far', async (coding, compress) => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24));
    const cut = await fetchFrom(
      (_request, response) =>
        response.writeHead(200, { ...text, 'content-encoding': coding }).end(compress(noise)),
      { maxBytes: 1000 },
    );
    expect(cut.truncated).toBe(true);
    expect(Buffer.from(cut.bytes).equals(noise.subarray(0, cut.bytes.length))).toBe(true);
  });

  test('gzip without its end is a failure', async () => {
    const bytes = gzipSync(page).subarray(0, -10);
    const said = refusal(
      fetchFrom((_request, response) =>
        response.writeHead(200, { ...text, 'content-encoding': 'gzip' }).end(bytes),
      ),
    );
    expect(await said).toBe('upstream_failed: GET failed: Z_BUF_ERROR');
  });

  test('broken gzip is a failure', async () => {
    const said = refusal(
      fetchFrom((_request, response) =>
        response.writeHead(200, { ...text, 'content-encoding': 'gzip' }).end('no gzip'),
      ),
    );
    expect(await said).toBe('upstream_failed: GET failed: Z_DATA_ERROR');
  });

  test('a bomb of 1 GB inflates no further than the bound, in bounded time and memory', async () => {
    const zeros = Buffer.alloc(1024 * 1024);
    const listener: RequestListener = (_request, response) => {
      response.writeHead(200, { ...text, 'content-encoding': 'gzip' });
      const gzip = createGzip({ level: 1 });
      gzip.on('error', () => {});
      gzip.pipe(response).on('close', () => gzip.destroy());
      let left = 1024;
      const more = () => {
        while (left-- > 0 && gzip.write(zeros));
        if (left <= 0) gzip.end();
      };
      gzip.on('drain', more);
      more();
    };
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const page = await fetchFrom(listener, { maxBytes: 1024 * 1024 });
    expect(page.bytes).toHaveLength(1024 * 1024);
    expect(page.truncated).toBe(true);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  test('input that inflates to nothing ends at the bound as well', async () => {
    const empty = gzipSync('');
    const page = await fetchFrom((_request, response) =>
      response
        .writeHead(200, { ...text, 'content-encoding': 'gzip' })
        .end(Buffer.concat(Array.from({ length: 20_000 }, () => empty))),
    );
    expect(page).toMatchObject({ truncated: true });
    expect(page.bytes).toHaveLength(0);
  });
});

describe('a deadline', () => {
  /** Runs until the deadline. @returns the error, and how long after the deadline it came */
  async function deadline(origin: string, options: Partial<FetchOptions> = {}) {
    const controller = new AbortController();
    const reason = new Error('the deadline');
    const ended = get(origin, controller.signal, options).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const aborted = performance.now();
    controller.abort(reason);
    expect(await ended).toBe(reason);
    return performance.now() - aborted;
  }

  test.each([
    ['the header never comes', () => {}],
    ['the header trickles', (socket: Socket) => trickle(socket, 'HTTP/1.1 200 OK\r\nX: ')],
    [
      'the body trickles',
      (socket: Socket) => trickle(socket, 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'),
    ],
    [
      'an interim answer trickles',
      (socket: Socket) => trickle(socket, `${'HTTP/1.1 103 Wait\r\n\r\n'.repeat(8)}HTTP/1.1 103 Wait\r\nX: `),
    ],
  ])('ends the work within 200 ms and closes the connection when %s', async (_name, behave) => {
    let closed = false;
    const origin = await serveRaw((socket) => {
      socket.on('data', () => {});
      socket.on('close', () => {
        closed = true;
      });
      behave(socket);
    });
    expect(await deadline(origin)).toBeLessThan(200);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(closed).toBe(true);
  });

  function trickle(socket: Socket, before: string): void {
    socket.write(before);
    const timer = setInterval(() => socket.write('a'), 10);
    socket.on('close', () => clearInterval(timer));
  }

  test('ends the work while the name is being resolved', async () => {
    const controller = new AbortController();
    const guard = createUrlGuard({ allowedDomains: ['*'], resolve: () => new Promise(() => {}) });
    const { connect, targets } = edge();
    const work = fetchText('http://public.org/', { guard, maxBytes: 10, connect }, controller.signal);
    setTimeout(() => controller.abort(new Error('the deadline')), 20);
    await expect(work).rejects.toThrow('the deadline');
    expect(targets).toEqual([]);
  });

  test('ends the work during the TLS handshake', async () => {
    const origin = (await serveRaw(() => {})).replace('http:', 'https:');
    expect(await deadline(origin)).toBeLessThan(200);
  });

  test('that has passed opens no connection', async () => {
    const server = await serve((_request, response) => response.end());
    await expect(get(server.origin, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(server.connections()).toBe(0);
  });
});

describe('TLS', () => {
  async function serveTls(name: string, listener: RequestListener) {
    const pems = await generate([{ name: 'commonName', value: name }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    } as Parameters<typeof generate>[1]);
    const names: (string | boolean)[] = [];
    const server = createTlsServer({ key: pems.private, cert: pems.cert }, listener);
    server.on('secureConnection', (socket) =>
      names.push((socket as { servername?: string }).servername ?? false),
    );
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    return { ...edge((server.address() as AddressInfo).port), ca: pems.cert, names };
  }
  const guard = createUrlGuard({
    allowedDomains: ['*'],
    ...resolver({ 'public.org': ['93.184.216.34'], 'other.org': ['93.184.216.99'] }),
  });
  const ok: RequestListener = (_request, response) => response.writeHead(200, text).end('secret page');

  test('is verified for the host name, which the server receives', async () => {
    const { connect, targets, ca, names } = await serveTls('public.org', ok);
    const page = await fetchText('https://public.org/', { guard, maxBytes: 100, connect, ca }, never);
    expect(Buffer.from(page.bytes).toString()).toBe('secret page');
    expect(targets).toEqual(['93.184.216.34 443']);
    expect(names).toEqual(['public.org']);
  });

  test('with a certificate of another name is refused', async () => {
    const { connect, ca } = await serveTls('public.org', ok);
    const work = fetchText('https://other.org/', { guard, maxBytes: 100, connect, ca }, never);
    expect(await refusal(work)).toBe('upstream_failed: GET failed: ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('with a certificate of an unknown authority is refused', async () => {
    const { connect } = await serveTls('public.org', ok);
    const work = fetchText('https://public.org/', { guard, maxBytes: 100, connect }, never);
    expect(await refusal(work)).toMatch(/^upstream_failed: GET failed: (DEPTH_ZERO_)?SELF_SIGNED_CERT/);
  });

  test('cannot be left by a redirect', async () => {
    const { connect, ca, targets } = await serveTls('public.org', (_request, response) =>
      response.writeHead(302, { location: 'http://public.org/' }).end(),
    );
    const work = fetchText('https://public.org/', { guard, maxBytes: 100, connect, ca }, never);
    expect(await refusal(work)).toBe('redirect_refused: redirect: from https to http');
    expect(targets).toHaveLength(1);
  });
});
