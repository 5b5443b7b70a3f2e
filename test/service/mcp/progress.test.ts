import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { createChallenge } from '../../../service/auth/challenge.ts';
import type { RequestContext } from '../../../service/http/context.ts';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';
import { createToolCaller } from '../../../service/mcp/call-tool.ts';
import { createMcpServerFactory } from '../../../service/mcp/server.ts';
import { createProgressReporter, type Progress } from '../../../service/tools/progress.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import { createFetchPage } from '../../support/fetch-page.ts';
import { type LoopbackServer, startServer } from '../../support/network.ts';
import { connectV1, connectV2, PINNED } from '../../support/sdk-clients.ts';
import { messagesOf, readUntil } from '../support/events.ts';
import { createMemoryLog } from '../support/oauth-app.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { TEST_TOOLS } from '../support/tools.ts';

let app: RunningApp;
const readers: RunningApp[] = [];
let site: LoopbackServer;
/** Emits when the connection to the slow page, which begins and never ends, is closed. */
const upstream = new EventEmitter();

beforeAll(async () => {
  site = await startServer((request, response) => {
    response.on('close', () => request.url === '/slow' && upstream.emit('gone'));
    response.writeHead(200, { 'content-type': 'text/html' });
    if (request.url === '/slow') response.write('<title>Slow</title>');
    else response.end('<title>Hi</title><p>hello</p>');
  });
  app = await startApp();
});
afterAll(async () => {
  for (const started of [app, ...readers]) await started.stop();
  await site.close();
});

/** The audit records of a finished request. */
async function recordsOf(response: Response) {
  await sleep(50);
  const id = response.headers.get('x-request-id');
  return (await app.audit()).filter(({ requestId }) => requestId === id);
}

/** A call that asks for progress, in the form of each era. */
const ERAS = {
  '2026-07-28': (name: string, input: object, progressToken: string | number = 'p') => {
    const message = modern('tools/call', { name, arguments: input });
    Object.assign(message.body.params._meta, { progressToken });
    return message;
  },
  '2025-11-25': (name: string, input: object, progressToken: string | number = 'p') => ({
    body: {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: input, _meta: { progressToken } },
    },
    headers: { 'mcp-protocol-version': '2025-11-25' },
  }),
} as const;

describe.each(Object.entries(ERAS))('a call that asks for progress in %s', (_era, asking) => {
  const call = (started: RunningApp, name: string, input: object, token?: string | number) => {
    const { body, headers } = asking(name, input, token);
    return started.post(body, headers);
  };

  test('gets it as events before the result, increasing, with its own token, and nothing after', async () => {
    const response = await call(app, 'progresses', { text: '3' }, 7);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('mcp-session-id')).toBeNull();
    const text = await response.text();
    const messages = messagesOf(text);
    expect(messages.slice(0, -1)).toEqual(
      [1, 2, 3].map((progress) => ({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: expect.objectContaining({
          progressToken: 7,
          progress,
          total: 3,
          message: `step ${progress}`,
        }),
      })),
    );
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { structuredContent: { text: '3' } } });
    expect(await recordsOf(response)).toMatchObject([
      { outcome: 'ok', tool: 'progresses', resultBytes: text.length },
    ]);
  });

  test('gets JSON and no progress if it accepts only JSON', async () => {
    const { body, headers } = asking('progresses', { text: '3' });
    const response = await app.post(body, { ...headers, accept: 'application/json' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: 1, result: { structuredContent: { text: '3' } } });
  });

  test('is refused with its own status: a limit is 429, a missing scope 403', async () => {
    for (const text of ['1', '2']) await (await call(app, 'limited', { text })).text();
    const limited = await call(app, 'limited', { text: '3' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, expect.any(String)]);
    expect(await limited.json()).toMatchObject({ error: { code: 429 } });
    const { body, headers } = asking('echo', { text: 'x' });
    const denied = await app.post(body, { ...headers, authorization: `Bearer ${TOKENS.noScope}` });
    expect([denied.status, denied.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('scope'),
    ]);
  });

  test('ends at the deadline of the tool, as a result on the stream', async () => {
    const response = await call(app, 'progresses', { text: '1000' });
    expect(messagesOf(await response.text()).at(-1)).toMatchObject({ result: { isError: true } });
    expect(await recordsOf(response)).toMatchObject([{ outcome: 'timeout' }]);
  });

  test('gets a comment every 15 s, so that no proxy takes the connection for dead', async () => {
    const [echo] = TEST_TOOLS as [Tool];
    const slow: Tool = {
      ...echo,
      async handle({ text }, { client: { id: clientId }, progress }) {
        progress(1);
        await sleep(700);
        return { text: String(text), structured: { text, clientId } };
      },
    };
    const quiet = await startApp({ tools: [slow] });
    // Only setInterval, which the SDK uses for it.
    const others = [
      'setTimeout',
      'clearTimeout',
      'setImmediate',
      'clearImmediate',
      'queueMicrotask',
    ] as const;
    jest.useFakeTimers({ doNotFake: [...others, 'nextTick', 'Date', 'hrtime', 'performance'] });
    const answer = await call(quiet, 'echo', { text: 'x' });
    for (let i = 0; i < 3; i++) jest.advanceTimersByTime(15_000);
    jest.useRealTimers();
    const text = await answer.text();
    expect(text.match(/^: /gm)).toHaveLength(3);
    expect(messagesOf(text)).toMatchObject([
      { method: 'notifications/progress' },
      { id: 1, result: { structuredContent: { text: 'x' } } },
    ]);
    await quiet.stop();
  });

  test('and disconnects in the middle ends the upstream connection within a second, with one record', async () => {
    const options = { allowedDomains: [], localOrigins: [site.origin], maxBytes: 10_000 };
    const reader = await startApp({ tools: [createFetchPage(options)] });
    readers.push(reader);
    const { body, headers } = asking('fetch_page', { url: `${site.origin}/slow` });
    const gone = new AbortController();
    const response = await fetch(reader.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${TOKENS.alice}`,
        ...headers,
      },
      body: JSON.stringify(body),
      signal: gone.signal,
    });
    const seen = await readUntil(response, '"answered"');
    expect(messagesOf(seen).map(({ params }) => params?.['message'])).toEqual([
      'resolved',
      'connected',
      'answered',
    ]);
    const upstreamGone = once(upstream, 'gone', { signal: AbortSignal.timeout(1000) });
    gone.abort();
    await upstreamGone;
    expect(await reader.audit()).toMatchObject([
      { outcome: 'tool_error', errorCode: 'cancelled', tool: 'fetch_page', resultBytes: seen.length },
    ]);
    await sleep(100);
    expect(await reader.audit()).toHaveLength(1);
    expect(await reader.logText()).not.toContain('request_failed');
  });
});

test.each([
  ['2026-07-28', modern('tools/call', { name: 'progresses', arguments: { text: '3' } })],
  ['2025-11-25', { body: callOf('progresses', { text: '3' }), headers: {} }],
])(
  'a call of %s that does not ask for progress gets JSON and no progress',
  async (_era, { body, headers }) => {
    const response = await app.post(body, headers);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: 1, result: { structuredContent: { text: '3' } } });
  },
);

test('on a connection that stays open, such as stdio, nothing follows the result', async () => {
  const logger = createMemoryLog();
  const limiter = createSlidingWindow(() => 0);
  const challenge = createChallenge();
  const callTool = createToolCaller({
    tools: TEST_TOOLS,
    limiter,
    limitPerMinute: 10,
    challenge,
    logger,
    started: () => {},
  });
  const context: RequestContext = {
    ...{ requestId: 'r', startedAt: 0, resultBytes: 0 },
    ...{ signal: new AbortController().signal, ended: new AbortController().signal },
    principal: { clientId: 'stdio', scopes: new Set(['echo']) },
  };
  const server = createMcpServerFactory({ tools: TEST_TOOLS, callTool, version: '0.0.0' })(() => context);
  const [client, side] = InMemoryTransport.createLinkedPair();
  const heard: (string | undefined)[] = [];
  client.onmessage = (message) => void heard.push('method' in message ? message.method : 'result');
  await server.connect(side);
  await client.start();
  await client.send(ERAS['2025-11-25']('progresses', { text: '2' }).body as never);
  await sleep(200);
  expect(heard).toEqual(['notifications/progress', 'notifications/progress', 'result']);
  await server.close();
});

test.each(['v1', 'v2 pinned to 2026-07-28'])('the client of the %s SDK receives progress', async (name) => {
  const heard: number[] = [];
  const onprogress = ({ progress }: Progress) => void heard.push(progress);
  const params = { name: 'progresses', arguments: { text: '3' } };
  if (name === 'v1') {
    const client = await connectV1(app.url, TOKENS.alice);
    await client.callTool(params, undefined, { onprogress });
    await client.close();
  } else {
    const client = await connectV2(app.url, TOKENS.alice, PINNED);
    await client.callTool(params, { onprogress });
    await client.close();
  }
  expect(heard).toEqual([1, 2, 3]);
});

describe('the reporter', () => {
  test('sends at most twenty reports in any second', async () => {
    let time = 0;
    const send = jest.fn(async (_progress: Progress) => {});
    const { report } = createProgressReporter(send, () => time);
    for (let done = 1; done <= 100; done++) report(done);
    expect(send).toHaveBeenCalledTimes(20);
    time = 1000;
    for (let done = 101; done <= 200; done++) report(done);
    expect(send).toHaveBeenCalledTimes(40);
  });

  test('drops reports that do not increase or are not numbers, and everything after the end', async () => {
    const sent: number[] = [];
    const { report, end } = createProgressReporter(
      async ({ progress }) => void sent.push(progress),
      () => 0,
    );
    for (const done of [1, 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2]) report(done);
    await end();
    report(3);
    expect(sent).toEqual([1, 2]);
  });

  test('does not fail a call when a report cannot be delivered', async () => {
    const { report, end } = createProgressReporter(
      async () => {
        throw new Error('gone');
      },
      () => 0,
    );
    report(1);
    await expect(end()).resolves.toBeUndefined();
  });
});
