import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../../service/errors.ts';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import type { ScrapeEngine } from '../../../service/scrape/engine.ts';
import { createWebScrapingAiEngine } from '../../../service/scrape/webscraping-ai.ts';
import { createTurns } from '../../../service/turns.ts';
import { edge, type LoopbackServer, resolver, startServer } from '../../support/network.ts';
import { type AuditRecord, callOf, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { createScrapers } from './support/scrapers.ts';

const PUBLIC = '93.184.216.34';
const NAMES = {
  'evil.example.net': [PUBLIC],
  'good.example.org': [PUBLIC],
  'inside.example.org': ['10.0.0.1'],
  'xn--grn-ioa.example.org': [PUBLIC],
};

/** The target of the page at each path, or its failure. */
const LOCATIONS: Readonly<Record<string, string>> = {
  '/moved': 'http://good.example.org/here',
  '/twice': 'http://good.example.org/moved-inside',
  '/moved-inside': 'http://inside.example.org/x',
  '/private': 'http://127.0.0.1/x',
  '/port': 'http://good.example.org:22/x',
  '/gone': 'http://no-such.example.org/x',
  '/nowhere': 'http://[',
};

let site: LoopbackServer;
let app: RunningApp | undefined;
beforeAll(async () => {
  site = await startServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    const location = LOCATIONS[path];
    if (location !== undefined) response.writeHead(302, { location }).end();
    else if (path === '/cut') request.socket.destroy();
    else if (path === '/slow') response.writeHead(200, { 'content-type': 'text/plain' }).write('x');
    else if (path !== '/silent')
      response.writeHead(200, { 'content-type': path === '/image' ? 'image/png' : 'text/plain' }).end('ok');
  });
});
afterAll(() => site.close());
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

const direct = () =>
  createDirectEngine({
    turns: createTurns(),
    allowedDomains: ['*'],
    maxBytes: 1000,
    resolve: resolver(NAMES).resolve,
    connect: edge(site.port).connect,
  });
const throughApi = (allowedDomains: readonly string[]) => () =>
  createWebScrapingAiEngine({
    turns: createTurns(),
    apiKey: async () => 'k',
    allowedDomains,
    timeoutMs: 1000,
    maxBytes: 1000,
    baseUrl: site.origin,
  });

interface Asked {
  readonly tool?: string;
  readonly token?: string;
  readonly options?: Parameters<typeof startApp>[0];
}

/** A server whose scrape tools have this engine. */
async function start(engine = direct(), options: Asked['options'] = {}): Promise<RunningApp> {
  app = await startApp({ tools: createScrapers(engine, { deadlineMs: 300 }), ...options });
  return app;
}

/** The record of one call of a scrape tool. */
async function recordOf(
  engine: ScrapeEngine,
  url: string,
  { tool = 'scrape_url', token, options }: Asked = {},
) {
  const running = await start(engine, options);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  await running.post(callOf(tool, tool === 'scrape_url' ? { url } : { url, selector: 'p' }), headers);
  const [record] = (await running.audit()) as [AuditRecord];
  return record;
}

describe('the record of a scrape has the requested host and the host that answered', () => {
  test.each([
    ['http://good.example.org/a?b#c', 'good.example.org', 'good.example.org', 'ok'],
    ['http://evil.example.net/exfil/@good.example.org/', 'evil.example.net', 'evil.example.net', 'ok'],
    ['http://evil.example.net/@good/', 'evil.example.net', 'evil.example.net', 'ok'],
    ['http://EVIL.Example.NET/', 'evil.example.net', 'evil.example.net', 'ok'],
    ['http://grün.example.org/', 'xn--grn-ioa.example.org', 'xn--grn-ioa.example.org', 'ok'],
    ['http://evil.example.net/moved', 'evil.example.net', 'good.example.org', 'ok'],
    ['http://evil.example.net/twice', 'evil.example.net', 'inside.example.org', 'redirect_refused'],
    ['http://evil.example.net/private', 'evil.example.net', '127.0.0.1', 'redirect_refused'],
    ['http://evil.example.net/port', 'evil.example.net', 'good.example.org:22', 'redirect_refused'],
    ['http://evil.example.net/gone', 'evil.example.net', 'no-such.example.org', 'upstream_failed'],
    ['http://evil.example.net/nowhere', 'evil.example.net', 'evil.example.net', 'redirect_refused'],
    ['http://evil.example.net/image', 'evil.example.net', 'evil.example.net', 'content_unsupported'],
    ['http://evil.example.net/slow', 'evil.example.net', 'evil.example.net', 'deadline_exceeded'],
    ['http://evil.example.net/silent', 'evil.example.net', undefined, 'deadline_exceeded'],
    ['http://evil.example.net/cut', 'evil.example.net', undefined, 'upstream_failed'],
    ['http://no-such.example.org/', 'no-such.example.org', undefined, 'upstream_failed'],
    ['http://inside.example.org/', 'inside.example.org', undefined, 'url_refused'],
    ['http://169.254.169.254/latest/', '169.254.169.254', undefined, 'url_refused'],
    ['http://0x7f.1:8080/', '127.0.0.1:8080', undefined, 'url_refused'],
    ['http://[::1]/', '[::1]', undefined, 'url_refused'],
    ['http://user:pw@db.internal/', 'db.internal', undefined, 'url_refused'],
    ['ftp://files.example.org/', 'files.example.org', undefined, 'input_invalid'],
    ['file:///etc/passwd', undefined, undefined, 'url_refused'],
    ['example.com', undefined, undefined, 'input_invalid'],
  ])('%s', async (url, host, finalHost, ending) => {
    const record = await recordOf(direct(), url);
    expect(record['errorCode'] ?? record.outcome).toBe(ending);
    expect([record['host'], record['finalHost']]).toEqual([host, finalHost]);
  });

  test.each([
    ['an allow-list, so that no redirect is followed', ['good.example.org'], 'good.example.org'],
    ['no allow-list, so the API may have followed redirects anywhere', ['*'], undefined],
  ])('through the API with %s', async (_how, allowed, finalHost) => {
    const record = await recordOf(throughApi(allowed)(), 'https://good.example.org/a');
    expect(record).toMatchObject({ outcome: 'ok', host: 'good.example.org' });
    expect(record['finalHost']).toBe(finalHost);
  });

  test('through the API also for a refused URL', async () => {
    const record = await recordOf(
      throughApi(['good.example.org'])(),
      'https://evil.example.net/@good.example.org/',
    );
    expect(record).toMatchObject({ errorCode: 'url_refused', host: 'evil.example.net' });
  });

  test('with the other tool as well', async () => {
    const record = await recordOf(direct(), 'http://evil.example.net/@x', { tool: 'scrape_with_selector' });
    expect(record).toMatchObject({ host: 'evil.example.net', finalHost: 'evil.example.net' });
  });

  test.each([
    ['a token lacks the scope', { token: TOKENS.noScope }, 'insufficient_scope'],
    [
      'a limit refuses it',
      {
        options: { limiter: { consume: async (key) => (key.startsWith('tool:') ? 9 : 0), close: () => {} } },
      },
      'tool_rate_limited',
    ],
  ] satisfies [string, Asked, string][])('if %s, the call has not started', async (_why, asked, code) => {
    const record = await recordOf(direct(), 'http://evil.example.net/@x', asked);
    expect(record).toMatchObject({ errorCode: code, host: 'evil.example.net' });
    expect(await app?.logText()).not.toContain('call_started');
  });
});

test('a call logs its start before its work, once, with its host', async () => {
  const record = await recordOf(direct(), 'http://evil.example.net/silent');
  const lines = ((await app?.logText()) ?? '').split('\n').filter((line) => line.includes('call_started'));
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ type: 'log', time: expect.any(String), level: 'info', event: 'call_started' },
      ...{ requestId: record['requestId'], traceId: record['traceId'] },
      ...{ clientId: 'alice', tool: 'scrape_url', host: 'evil.example.net' },
    },
  ]);
  expect(lines[0]).toMatch(/^\{"type":"log",/);
});

test.each([
  ['example.com', 'got no scheme'],
  ['example.com:8080/x', 'got no scheme'],
  ['//example.com/', 'got no scheme'],
  ['ftp://example.com/', 'got the scheme ftp:'],
  ['http://exa mple.com/', 'got a blank, which must be written as %20'],
  ['http://1.2.3.4.5/', 'got one that is not a URL'],
])('%s is invalid input, the text names the accepted form, and it is no denial', async (url, got) => {
  const running = await start();
  const answer = await (await running.post(callOf('scrape_url', { url }))).text();
  expect(answer).toContain(
    `The arguments do not fit the tool: url must be an absolute http or https URL such as https://example.com/page; ${got}`,
  );
  const [record] = await running.audit();
  expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'input_invalid' });
});

test('a name that does not resolve differs from a refusal', async () => {
  const running = await start();
  const said = async (url: string) => (await running.post(callOf('scrape_url', { url }))).text();
  expect(await said('http://no-such.example.org/')).toContain(
    'The page could not be fetched: the host name does not resolve',
  );
  expect(await said('http://no-such-host.invalid/')).toContain('This URL may not be fetched from here');
});

test('a refused redirect target is the page’s fault: the text is that of a refused URL, but it is no denial', async () => {
  for (const path of ['private', 'twice', 'port', 'nowhere']) {
    const record = await recordOf(direct(), `http://evil.example.net/${path}`);
    expect([path, record.outcome, record['errorCode']]).toEqual([path, 'tool_error', 'redirect_refused']);
  }
  expect(ERRORS.redirect_refused.message).toBe(ERRORS.url_refused.message);
});

test('neither a malformed URL nor a request without a token counts as denied; a wrong token does', async () => {
  const running = await start();
  await running.post(callOf('scrape_url', { url: 'example.com' }));
  await running.post(callOf('scrape_url'), { authorization: undefined });
  await running.post(callOf('scrape_url'), { authorization: 'Basic abc' });
  await running.post(callOf('scrape_url'), { authorization: `Bearer ${TOKENS.expired}` });
  const records = await running.audit(4);
  expect(records.map(({ outcome, errorCode }) => `${outcome} ${errorCode}`)).toEqual([
    'invalid input_invalid',
    'invalid token_missing',
    'invalid token_missing',
    'denied token_invalid',
  ]);
});
