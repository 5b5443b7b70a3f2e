import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import { createTurns } from '../../../service/turns.ts';
import { type LoopbackServer, startServer } from '../../support/network.ts';
import { messagesOf, readUntil } from '../support/events.ts';
import { modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { createScrapers } from './support/scrapers.ts';

/** The real tools over HTTP, with a page that continues only when the test allows it. */

let app: RunningApp;
let site: LoopbackServer;
/** Emits `asked` with the page's unfinished response, and `gone` when the connection to the page is closed. */
const upstream = new EventEmitter();

beforeAll(async () => {
  site = await startServer((_request, response) => {
    response.on('close', () => response.writableFinished || upstream.emit('gone'));
    response.writeHead(200, { 'content-type': 'text/html' }).write('<title>Slow</title>');
    upstream.emit('asked', response);
  });
  const engine = createDirectEngine({
    allowedDomains: [],
    localOrigins: [site.origin],
    maxBytes: 10_000,
    turns: createTurns(),
  });
  app = await startApp({ tools: createScrapers(engine, { deadlineMs: 15_000 }) });
});
afterAll(async () => {
  await app.stop();
  await site.close();
});

const TOOLS = {
  scrape_url: () => ({ url: site.origin }),
  scrape_with_selector: () => ({ url: site.origin, selector: 'p' }),
} as const;

const ERAS = {
  '2026-07-28': (name: string, input: object, meta: object) => {
    const message = modern('tools/call', { name, arguments: input });
    Object.assign(message.body.params._meta, meta);
    return message;
  },
  '2025-11-25': (name: string, input: object, meta: object) => ({
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input, _meta: meta } },
    headers: { 'mcp-protocol-version': '2025-11-25' },
  }),
} as const;

const CALLS = Object.entries(ERAS).flatMap(([era, message]) =>
  Object.entries(TOOLS).map(([name, input]) => {
    const call = (meta: object, accept = 'application/json, text/event-stream', signal?: AbortSignal) => {
      const { body, headers } = message(name, input(), meta);
      return fetch(app.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${TOKENS.alice}`,
          ...headers,
          accept,
        },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
    };
    return [era, name, call] as const;
  }),
);

const finish = (page: ServerResponse) => void page.end('<p>at last</p>');

describe.each(CALLS)('in %s a slow %s', (_era, _name, call) => {
  test('reports progress on a stream while the page still arrives, and then sends its result there', async () => {
    const asked = once(upstream, 'asked');
    const response = await call({ progressToken: 'p' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const early = await readUntil(response, '"answered"');
    const [page] = (await asked) as [ServerResponse];
    expect(page.writableEnded).toBe(false);
    expect(messagesOf(early).map(({ params }) => params?.['message'])).toEqual([
      'resolved',
      'connected',
      'answered',
    ]);
    finish(page);
    const late = messagesOf(await readUntil(response, '"result"'));
    expect(late.at(-1)).toMatchObject({
      id: 1,
      result: { content: [{ text: expect.stringContaining('at last') }] },
    });
  });

  test('without a request for progress gets a JSON response', async () => {
    const asked = once(upstream, 'asked');
    const answer = call({});
    finish(((await asked) as [ServerResponse])[0]);
    const response = await answer;
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      result: { content: [{ text: expect.stringContaining('at last') }] },
    });
  });

  test.each([
    ['on a stream', { progressToken: 'p' }],
    ['waiting for JSON', {}],
  ])(
    'closes the connection to the page within a second after its client has disconnected %s',
    async (_how, meta) => {
      const gone = new AbortController();
      const asked = once(upstream, 'asked');
      const answer = call(meta, undefined, gone.signal)
        .then((response) => response.text())
        .catch((error: Error) => error.name);
      await asked;
      const before = (await app.audit(0)).length;
      const upstreamGone = once(upstream, 'gone', { signal: AbortSignal.timeout(1000) });
      gone.abort();
      await upstreamGone;
      expect(await answer).toBe('AbortError');
      expect((await app.audit(before + 1)).at(-1)).toMatchObject({ errorCode: 'cancelled' });
    },
  );

  test('gets a JSON response if the client accepts no stream', async () => {
    const asked = once(upstream, 'asked');
    const answer = call({ progressToken: 'p' }, 'application/json');
    finish(((await asked) as [ServerResponse])[0]);
    expect((await answer).headers.get('content-type')).toBe('application/json');
  });
});
