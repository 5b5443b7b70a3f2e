import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { PRIVATE_RANGES, specialRange } from '../../../service/outgoing/address-ranges.ts';
import type { AllowedHost } from '../../../service/outgoing/host-guard.ts';
import {
  createToolFetcher,
  type ToolFetcherOptions,
  type ToolFetchOptions,
} from '../../../service/outgoing/tool-fetch.ts';
import { traceOfCall } from '../../../service/trace.ts';
import { edge, never, refusal, resolver } from '../../support/network.ts';
import { fc } from '../../support/property.ts';

const host = (name: string, more: Partial<AllowedHost> = {}): AllowedHost => ({
  ...{ name, protocol: 'https:', internal: false },
  ...more,
});
const HOSTS = [
  host('api.corp.example', { internal: true }),
  host('api.example.org'),
  host('*.wild.org'),
  host('plain.corp.example', { internal: true, protocol: 'http:' }),
];
const ANSWERS = {
  'api.corp.example': ['10.1.2.3'],
  'api.example.org': ['93.184.216.34'],
  'a.wild.org': ['93.184.216.35'],
  'other.org': ['93.184.216.36'],
};

const ABANDONED = 'https://api.example.org/abandoned';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** One server answers for every host: with a certificate for all of them. */
let server: Server;
let ca: string;
let listener: Listener;
let seen: IncomingMessage[];
beforeAll(async () => {
  const names = ['api.corp.example', 'api.example.org', 'a.wild.org', 'plain.corp.example'];
  const pems = await generate([{ name: 'commonName', value: 'corp' }], {
    ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  } as Parameters<typeof generate>[1]);
  ca = pems.cert;
  server = createTlsServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    // Its client has gone: it may arrive during a later test.
    if (request.url === '/abandoned') return;
    seen.push(request);
    listener(request, response);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  listener = (_request, response) => response.end('ok');
});

const trace = traceOfCall(undefined, '3f0c9a52-5d0e-4a2b-9f0e-000000000001');

function fetcher(options: Partial<ToolFetcherOptions> = {}) {
  const hosts: string[] = [];
  const { connect, targets } = edge((server.address() as AddressInfo).port);
  const { resolve } = resolver(ANSWERS);
  const make = createToolFetcher({ hosts: HOSTS, resolve, connect, ca, ...options });
  const call = { signal: never, trace, noteFinalHost: (name: string) => void hosts.push(name) };
  return { fetch: make(call), make, targets, hosts };
}
const get = (url: string, request: ToolFetchOptions = {}, options: Partial<ToolFetcherOptions> = {}) =>
  fetcher(options).fetch(url, request);
const answering = (...addresses: string[]) => ({
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
});

describe('the trace of the call', () => {
  test('reaches an internal host', async () => {
    await get('https://api.corp.example/');
    expect(seen[0]?.headers['traceparent']).toBe(trace.traceparent);
  });

  test.each(['https://api.example.org/', 'https://a.wild.org/'])('does not reach %s', async (url) => {
    await get(url);
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toContain(trace.traceId);
  });

  test('does not follow a redirect to another host', async () => {
    listener = (request, response) =>
      request.headers.host === 'api.corp.example'
        ? response.writeHead(302, { location: 'https://api.example.org/' }).end()
        : response.end('ok');
    await get('https://api.corp.example/');
    expect(seen.map(({ headers }) => headers['traceparent'])).toEqual([trace.traceparent, undefined]);
  });
});

describe('a response', () => {
  test('is that of the global fetch, with its body decoded', async () => {
    listener = (_request, response) =>
      response
        .writeHead(201, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-a': 'b' })
        .end(gzipSync('{"a":1}'));
    const { fetch, targets, hosts } = fetcher();
    const response = await fetch('https://api.example.org/things?x=1');
    expect(response).toMatchObject({ status: 201, url: 'https://api.example.org/things?x=1' });
    expect(response.headers.get('x-a')).toBe('b');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.json()).toEqual({ a: 1 });
    // To the address that was checked; the host is in the audit record.
    expect(targets).toEqual(['93.184.216.34 443']);
    expect(hosts).toEqual(['api.example.org']);
  });

  test.each([204, 205, 304, 404, 500])('with status %i is a result', async (status) => {
    listener = (_request, response) => response.writeHead(status).end();
    expect(await get('https://api.example.org/')).toMatchObject({ status });
  });

  test('that is larger than its bound fails, after decompression too', async () => {
    const large = 'x'.repeat(2000);
    for (const coding of ['identity', 'gzip']) {
      listener = (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': coding })
          .end(coding === 'gzip' ? gzipSync(large) : large);
      expect(await refusal(get('https://api.example.org/', { maxBytes: 1999 }))).toBe(
        'fetch_failed: fetch: more than 1999 bytes',
      );
      expect(await (await get('https://api.example.org/', { maxBytes: 2000 })).text()).toBe(large);
    }
  });

  test('that does not come fails without what was asked', async () => {
    listener = (request) => request.socket.destroy();
    const failure = await refusal(get('https://api.example.org/?key=hunter2'));
    expect(failure).toBe('fetch_failed: fetch: GET failed: ECONNRESET');
    expect(await refusal(get('https://b.wild.org/'))).toBe('fetch_failed: fetch: dns ENOTFOUND');
  });

  test('is not awaited when the call or the request is aborted', async () => {
    const ending = new AbortController();
    const { make } = fetcher();
    const ended = make({ signal: ending.signal, trace, noteFinalHost: () => {} })(ABANDONED);
    ending.abort(new Error('the deadline'));
    await expect(ended).rejects.toThrow('the deadline');
    await expect(get(ABANDONED, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
  });
});

describe('a request', () => {
  test('has the fields and the body of the tool, and says whose it is', async () => {
    let body = '';
    listener = (request, response) => {
      request.setEncoding('utf8').on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => response.end());
    };
    const headers = { 'X-Api-Key': 'k', 'content-type': 'application/json' };
    await get('https://api.example.org/', { method: 'POST', headers, body: '{"größe":1}' });
    expect(body).toBe('{"größe":1}');
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/' });
    expect(seen[0]?.headers).toEqual({
      ...{ host: 'api.example.org', connection: 'close', accept: '*/*', 'accept-encoding': 'gzip, br' },
      ...{ 'user-agent': expect.stringMatching(/^hardened-mcp\//), 'x-api-key': 'k' },
      ...{ 'content-type': 'application/json', 'content-length': '13' },
    });
  });

  test.each(['POST', 'PUT', 'PATCH'] as const)('%s without a body says so', async (method) => {
    await get('https://api.example.org/', { method });
    expect(seen[0]?.headers['content-length']).toBe('0');
  });

  test.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'expect', 'Proxy-Authorization'])(
    'may not have the field %s',
    async (name) => {
      await expect(get('https://api.example.org/', { headers: { [name]: 'x' } })).rejects.toThrow(TypeError);
      expect(seen).toEqual([]);
    },
  );

  test('may not have a value that would end the field', async () => {
    const headers = { 'x-a': 'b\r\nx-admin: 1' };
    await expect(get('https://api.example.org/', { headers })).rejects.toMatchObject({
      code: 'fetch_failed',
    });
    expect(seen).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 * 1024 * 1024 + 1])('may not ask for %p bytes', async (maxBytes) => {
    await expect(get('https://api.example.org/', { maxBytes })).rejects.toThrow('maxBytes must be');
  });

  test('may not have more than 1 MiB', async () => {
    const body = new Uint8Array(1024 * 1024 + 1);
    await expect(get('https://api.example.org/', { method: 'PUT', body })).rejects.toThrow(
      'at most 1048576 bytes',
    );
  });
});

describe('the hosts of a tool', () => {
  test.each(['https://api.corp.example/x', 'https://api.example.org/', 'https://a.wild.org/'])(
    '%s is connected to',
    async (url) => {
      expect(await get(url)).toMatchObject({ status: 200 });
    },
  );

  test.each([
    'https://other.org/',
    'http://api.example.org/',
    'https://plain.corp.example/',
    'https://api.example.org:8443/',
    'https://wild.org/',
    'https://api.example.org.other.org/',
    'https://xapi.example.org/',
    'https://api.example.org./',
    'https://user:pw@api.example.org/',
    'https://api.example.org@other.org/',
    'https://93.184.216.34/',
    'https://10.1.2.3/',
    'https://[::1]/',
    'https://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials',
    'file:///etc/passwd',
    'https://other.org\\@api.example.org/',
  ])('%s is refused before its name is resolved', async (url) => {
    const { resolve, asked } = resolver({});
    expect(await refusal(get(url, {}, { resolve }))).toMatch(/^url_refused: /);
    expect(asked).toEqual([]);
  });

  test('text that is no URL is a fault of the tool', async () => {
    await expect(get('api.example.org')).rejects.toThrow('not a URL to fetch');
    await expect(get('https://api.example.org/a b')).rejects.toThrow('not a URL to fetch');
  });

  test('a tool without hosts connects to none', async () => {
    expect(await refusal(get('https://api.example.org/', {}, { hosts: [] }))).toMatch(/^url_refused/);
  });
});

describe('the addresses of a host', () => {
  const PRIVATE = ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1'];
  const NEVER = [
    ...['127.0.0.1', '127.1.2.3', '::1', '0.0.0.0', '::', '169.254.0.1', 'fe80::1', '100.64.0.1'],
    ...['169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23'],
    ...['::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '224.0.0.1', '255.255.255.255', 'fec0::1'],
    ...['100.100.100.200', '168.63.129.16'],
  ];

  test.each(PRIVATE)('%s is for internal hosts only', async (address) => {
    expect(await get('https://api.corp.example/', {}, answering(address))).toMatchObject({ status: 200 });
    expect(await refusal(get('https://api.example.org/', {}, answering(address)))).toMatch(
      /^url_refused: address/,
    );
  });

  test.each(NEVER)('%s is refused for an internal host too', async (address) => {
    expect(await refusal(get('https://api.corp.example/', {}, answering(address)))).toMatch(
      /^url_refused: address/,
    );
    expect(seen).toEqual([]);
  });

  test('one forbidden address refuses them all', async () => {
    const { connect, targets } = edge();
    const answers = answering('10.0.0.1', '169.254.169.254');
    expect(await refusal(get('https://api.corp.example/', {}, { ...answers, connect }))).toMatch(
      /^url_refused/,
    );
    expect(targets).toEqual([]);
  });

  test('that change between two requests are checked again', async () => {
    const answers = ['10.0.0.1', '127.0.0.1'];
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }];
    const { fetch } = fetcher({ resolve });
    expect(await fetch('https://api.corp.example/')).toMatchObject({ status: 200 });
    expect(await refusal(fetch('https://api.corp.example/'))).toMatch(/^url_refused: address 127\.0\.0\.1/);
  });

  test('an internal host is connected to at public or private addresses, and at no other', async () => {
    const byte = fc.nat({ max: 255 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(byte, byte, byte, byte), async (bytes) => {
        const address = bytes.join('.');
        const range = specialRange(address);
        const mayConnect = range === undefined || PRIVATE_RANGES.has(range);
        const { connect, targets } = edge();
        await get('https://api.corp.example/', {}, { ...answering(address), connect }).catch(() => {});
        expect(targets).toEqual(mayConnect ? [`${address} 443`] : []);
      }),
    );
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 302): Listener =>
    function redirect(request, response) {
      if (request.url === '/start') response.writeHead(status, { location }).end();
      else response.end(request.headers.host);
    };

  test('is followed within the hosts of the tool, and another origin gets no credentials', async () => {
    listener = to('https://a.wild.org/end');
    const headers = { authorization: 'Bearer t', 'x-api-key': 'k', cookie: 'c', accept: 'text/plain' };
    const { fetch, hosts } = fetcher();
    const response = await fetch('https://api.example.org/start', { headers });
    expect(await response.text()).toBe('a.wild.org');
    expect(response.url).toBe('https://a.wild.org/end');
    expect(hosts.at(-1)).toBe('a.wild.org');
    expect(seen[0]?.headers).toMatchObject(headers);
    expect(Object.keys(seen[1]?.headers ?? {}).sort()).toEqual(
      ['accept', 'accept-encoding', 'connection', 'host', 'user-agent'].sort(),
    );
  });

  test('on the same origin keeps the fields', async () => {
    listener = to('/end');
    await get('https://api.example.org/start', { headers: { 'x-api-key': 'k' } });
    expect(seen[1]?.headers['x-api-key']).toBe('k');
  });

  test.each([
    'https://other.org/',
    'http://api.example.org/',
    'http://169.254.169.254/',
    'https://127.0.0.1/',
    'https://user:pw@api.example.org/',
    'file:///etc/passwd',
    '//other.org/x',
  ])('to %s is refused', async (location) => {
    listener = to(location);
    expect(await refusal(get('https://api.example.org/start'))).toMatch(/^redirect_refused/);
    expect(seen).toHaveLength(1);
  });

  test('to a host of the tool whose name leads to a forbidden address is refused', async () => {
    listener = to('https://a.wild.org/end');
    const { resolve } = resolver({ ...ANSWERS, 'a.wild.org': ['10.0.0.1'] });
    expect(await refusal(get('https://api.example.org/start', {}, { resolve }))).toMatch(/^redirect_refused/);
    expect(seen).toHaveLength(1);
  });

  test.each(['POST', 'PUT', 'DELETE'] as const)('of a %s is refused', async (method) => {
    listener = to('/end', 307);
    expect(await refusal(get('https://api.example.org/start', { method, body: 'x' }))).toBe(
      `redirect_refused: redirect: of a ${method}`,
    );
    expect(seen).toHaveLength(1);
  });
});

describe('certificate authorities of the company', () => {
  test('are trusted for internal hosts only, besides those of the runtime', async () => {
    const options = { ca: undefined, caCertificates: ca };
    expect(await get('https://api.corp.example/', {}, options)).toMatchObject({ status: 200 });
    expect(await refusal(get('https://api.example.org/', {}, options))).toBe(
      'fetch_failed: fetch: GET failed: DEPTH_ZERO_SELF_SIGNED_CERT',
    );
  });

  test('must be stated: without them, no certificate of the company is accepted', async () => {
    expect(await refusal(get('https://api.corp.example/', {}, { ca: undefined }))).toMatch(/SELF_SIGNED/);
  });
});
