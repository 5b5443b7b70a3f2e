import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import {
  createWebScrapingAiEngine,
  type WebScrapingAiEngineOptions,
} from '../../../service/scrape/webscraping-ai.ts';
import { createTurns } from '../../../service/turns.ts';
import { type LoopbackServer, never, refusal, startServer } from '../../support/network.ts';

const KEY = 'key-with_under/score+and*stars-0123456789';

let servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A stand-in for the API on loopback, and the engine that uses it. */
async function standIn(listener: Listener, options: Partial<WebScrapingAiEngineOptions> = {}) {
  const server = await startServer(listener);
  servers.push(server);
  const engine = createWebScrapingAiEngine({
    apiKey: async () => KEY,
    allowedDomains: ['*'],
    timeoutMs: 15_000,
    maxBytes: 100_000,
    turns: createTurns(),
    baseUrl: server.origin,
    ...options,
  });
  return { server, engine };
}

const html = { 'content-type': 'text/html; charset=utf-8' };
const PAGE = '<title>T</title><h1>Head</h1><p class=a>grün</p>';
const request = { url: 'https://public.org/a?b=c&d', format: 'markdown' } as const;

describe('a request', () => {
  test('asks for the HTML of the page, with the current key', async () => {
    const asked: URL[] = [];
    let key = 'first';
    const { engine } = await standIn(
      ({ url }, response) => {
        asked.push(new URL(url ?? '', 'http://x'));
        response.writeHead(200, html).end(PAGE);
      },
      { apiKey: async () => key },
    );
    await engine.scrape(request, never);
    key = 'rotated';
    await engine.scrape(request, never);
    expect(asked[0]?.pathname).toBe('/html');
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({
      api_key: 'first',
      url: 'https://public.org/a?b=c&d',
      js: 'true',
      format: 'text',
      timeout: '15000',
      error_on_404: 'true',
      error_on_redirect: 'false',
    });
    expect(asked[1]?.searchParams.get('api_key')).toBe('rotated');
  });

  test('forbids redirects with an allow-list of domains, and never waits beyond 30 s', async () => {
    let asked = new URLSearchParams();
    const { engine } = await standIn(
      ({ url }, response) => {
        asked = new URL(url ?? '', 'http://x').searchParams;
        response.writeHead(200, html).end(PAGE);
      },
      { allowedDomains: ['public.org'], timeoutMs: 50_000 },
    );
    await engine.scrape(request, never);
    expect(asked.get('error_on_redirect')).toBe('true');
    expect(asked.get('timeout')).toBe('30000');
  });

  test.each([
    ['http://127.0.0.1/', /loopback/],
    ['http://0x7f.1/', /loopback/],
    ['http://169.254.169.254/', /metadata/],
    ['http://[::ffff:10.0.0.1]/', /IPv4-mapped/],
    ['http://db.internal/', /internal/],
    ['http://localhost/', /no dot/],
    ['file:///etc/passwd', /scheme/],
    ['http://user:pass@public.org/', /credentials/],
    ['http://public.org:22/', /port/],
  ])('of %s is not passed on', async (url, reason) => {
    let keys = 0;
    const { engine, server } = await standIn((_request, response) => response.end(), {
      apiKey: async () => {
        keys += 1;
        return KEY;
      },
    });
    expect(await refusal(engine.scrape({ ...request, url }, never))).toMatch(reason);
    expect(server.connections()).toBe(0);
    expect(keys).toBe(0);
  });

  test('outside the allow-list is not passed on', async () => {
    const { engine, server } = await standIn((_request, response) => response.end(), {
      allowedDomains: ['example.com'],
    });
    expect(await refusal(engine.scrape(request, never))).toMatch(/is not allowed/);
    expect(server.connections()).toBe(0);
  });
});

describe('both engines respond alike', () => {
  test.each([
    { format: 'html' },
    { format: 'text' },
    { format: 'markdown' },
    { format: 'html', selector: 'p.a, h1' },
  ] as const)('%j', async (how) => {
    const listener: Listener = (_request, response) => response.writeHead(200, html).end(PAGE);
    const { engine, server } = await standIn(listener);
    const direct = createDirectEngine({
      allowedDomains: [],
      localOrigins: [server.origin],
      maxBytes: 100_000,
      turns: createTurns(),
    });
    const viaApi = await engine.scrape({ url: 'http://public.org/', ...how }, never);
    const viaDirect = await direct.scrape({ url: `${server.origin}/`, ...how }, never);
    expect({ ...viaApi, url: '' }).toEqual({ ...viaDirect, url: '' });
    expect(viaApi).toMatchObject({ url: 'http://public.org/', status: 200, title: 'T' });
  });
});

describe('an error of the API', () => {
  test.each([
    [400, { message: 'Invalid CSS selector' }, 'webscraping-ai answered 400'],
    [402, { message: 'Some error' }, 'webscraping-ai answered 402'],
    [403, { message: 'Wrong API key' }, 'webscraping-ai answered 403'],
    [429, {}, 'webscraping-ai answered 429'],
    [500, { status_code: 503, status_message: 'x', body: 'y' }, 'webscraping-ai answered 500, the page 503'],
    [500, { status_code: 'evil text' }, 'webscraping-ai answered 500'],
    [504, 'no json', 'webscraping-ai answered 504'],
    [302, '', 'webscraping-ai answered 302'],
    [204, '', 'webscraping-ai answered 204'],
  ])('%i %j becomes upstream_failed with its status', async (status, body, reason) => {
    const { engine } = await standIn((_request, response) =>
      response
        .writeHead(status, { location: '/elsewhere' })
        .end(typeof body === 'string' ? body : JSON.stringify(body)),
    );
    expect(await refusal(engine.scrape(request, never))).toBe(`upstream_failed: ${reason}`);
  });

  test('a redirect of the API is not followed', async () => {
    const { engine, server } = await standIn((_request, response) =>
      response.writeHead(302, { location: '/html?again' }).end(),
    );
    await refusal(engine.scrape(request, never));
    expect(server.connections()).toBe(1);
  });
});

describe('the key never leaves, when the API', () => {
  // The first half, because a message may be cut, and in lower case, because a header may be lowered.
  const half = KEY.slice(0, 20);
  const spellings = [half, encodeURIComponent(half), half.replaceAll('_', '\\_')];
  const echo = (at: string) =>
    `<title>${at} ${KEY}</title><p>${at} <a href="/html?api_key=${encodeURIComponent(KEY)}">x</a></p><pre>${KEY}</pre>`;
  const behaviours: readonly (readonly [string, Listener])[] = [
    ['echoes it in the page', (_request, response) => response.writeHead(200, html).end(echo(KEY))],
    [
      'echoes it in an error',
      (_request, response) => response.writeHead(403).end(JSON.stringify({ message: KEY, status_code: KEY })),
    ],
    ['echoes it in a redirect', ({ url }, response) => response.writeHead(302, { location: url }).end()],
    [
      'echoes it in the type',
      (_request, response) =>
        response.writeHead(200, { 'content-type': `image/${encodeURIComponent(KEY)}` }).end(),
    ],
    [
      'echoes it in the encoding',
      (_request, response) => response.writeHead(200, { ...html, 'content-encoding': KEY }).end(),
    ],
    ['echoes it in the status text', (_request, response) => response.writeHead(500, KEY).end()],
    ['hangs up', ({ socket }) => socket.destroy()],
    [
      'hangs up in the middle',
      (_request, response) => {
        response.writeHead(200, { ...html, 'content-length': 1000 });
        response.write(KEY);
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ['speaks no HTTP', ({ socket, url }) => socket.end(`${url}\r\n\r\n`)],
    [
      'sends broken gzip',
      (_request, response) => response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(KEY),
    ],
    [
      'sends a page too complex',
      (_request, response) => response.writeHead(200, html).end(`<${KEY}>`.repeat(2000)),
    ],
  ];
  test.each(behaviours)('%s', async (_name, listener) => {
    const { engine } = await standIn(listener);
    for (const format of ['html', 'text', 'markdown'] as const) {
      const seen = await engine.scrape({ ...request, format }, never).then(JSON.stringify, everything);
      for (const spelling of spellings) {
        expect(seen.toLowerCase()).not.toContain(spelling.toLowerCase());
        expect(seen.toLowerCase()).not.toContain(JSON.stringify(spelling).slice(1, -1).toLowerCase());
      }
    }
  });

  test('cannot be reached', async () => {
    const { engine } = await standIn(() => {}, { baseUrl: 'http://127.0.0.1:1' });
    const seen = await engine.scrape(request, never).then(JSON.stringify, everything);
    expect(seen).toContain('ECONNREFUSED');
    expect(seen).not.toContain(encodeURIComponent(KEY));
  });

  /** All parts of an error that a log could print. */
  function everything(error: unknown): string {
    const parts: string[] = [];
    for (let at = error; at instanceof Error; at = at.cause) {
      parts.push(at.stack ?? '', JSON.stringify(at), String((at as { reason?: unknown }).reason));
    }
    return parts.join('\n');
  }
});

describe('bounds', () => {
  test('a key at the edge of the page is not cut in two', async () => {
    const { engine } = await standIn((_request, response) =>
      response.writeHead(200, html).end(`${'x'.repeat(99_970)}${KEY}${'y'.repeat(1000)}`),
    );
    const page = await engine.scrape({ ...request, format: 'html' }, never);
    expect(page.content.slice(99_960)).toBe(`${'x'.repeat(10)}[redacted]${'y'.repeat(30)}`.slice(0, 40));
    expect(page.truncated).toBe(true);
  });

  test('a key that appears only after conversion is not cut in two by the bounds of a slice', async () => {
    const parted = `${KEY.slice(0, 5)}<wbr>${KEY.slice(5)}`;
    const { engine } = await standIn((_request, response) =>
      response.writeHead(200, html).end(`<p>${'x'.repeat(95)}${parted}${'y'.repeat(45)}`),
    );
    const part = (startIndex: number) =>
      engine.scrape({ ...request, format: 'text', startIndex, maxCharacters: 100 }, never);
    const whole = `${'x'.repeat(95)}[redacted]${'y'.repeat(45)}`;
    expect(await part(0)).toMatchObject({ content: whole.slice(0, 100), totalCharacters: 150 });
    expect(await part(100)).toMatchObject({
      content: whole.slice(100),
      totalCharacters: 150,
      truncated: false,
    });
  });

  test('a page beyond maxBytes is cut off', async () => {
    const { engine } = await standIn((_request, response) =>
      response.writeHead(200, html).end('x'.repeat(300_000)),
    );
    const page = await engine.scrape({ ...request, format: 'html' }, never);
    expect(page.content).toHaveLength(100_000);
    expect(page.truncated).toBe(true);
  });

  test('the signal ends the work and closes the connection', async () => {
    let closed: () => void = () => {};
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { engine } = await standIn((_request, response) => response.on('close', closed));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('the deadline')), 50);
    await expect(engine.scrape(request, controller.signal)).rejects.toThrow('the deadline');
    await hungUp;
  });

  test('the signal ends the work while the key is awaited', async () => {
    const { engine } = await standIn(() => {}, { apiKey: () => new Promise(() => {}) });
    await expect(engine.scrape(request, AbortSignal.timeout(50))).rejects.toThrow();
  });

  test('an empty key is an outage of this server', async () => {
    const { engine, server } = await standIn(() => {}, { apiKey: async () => '' });
    expect(await refusal(engine.scrape(request, never))).toMatch(/^secret_unavailable/);
    expect(server.connections()).toBe(0);
  });

  test.each(['http://api.webscraping.ai', 'http://10.0.0.1', 'ftp://api.webscraping.ai'])(
    'the base URL %s would expose the key to the network and is refused',
    (baseUrl) => {
      expect(() =>
        createWebScrapingAiEngine({
          apiKey: async () => KEY,
          allowedDomains: [],
          timeoutMs: 1,
          maxBytes: 1,
          turns: createTurns(),
          baseUrl,
        }),
      ).toThrow(/^baseUrl must be https/);
    },
  );
});
