import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

let app: RunningApp;
let slowSenders: ReturnType<typeof outlastSlowSenders>;
beforeAll(async () => {
  app = await startApp();
  // Takes 20 s, in which the other tests run.
  slowSenders = outlastSlowSenders();
  slowSenders.catch(() => {});
});
afterAll(() => app.stop());

function open(running = app): Socket {
  return connect(Number(new URL(running.url).port), '127.0.0.1').on('error', () => {});
}

function bytes(body: object, headers: string[] = []): string {
  const text = JSON.stringify(body);
  return [
    'POST /mcp HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Authorization: Bearer ${TOKENS.alice}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...headers,
    '',
    text,
  ].join('\r\n');
}

/** Everything that a socket receives until it is closed. */
function said(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
}

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** When a service of its own has cut off a client that sends its head slowly, and one that sends its body slowly. */
async function outlastSlowSenders() {
  const running = await startApp();
  // Node looks for slow senders every 5 s from the start. A second before that, the time is exact to a second.
  await tick(4_000);
  const started = performance.now();
  const head = open(running);
  head.write('POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
  const body = open(running);
  body.write(bytes(callOf('echo')).slice(0, -5));
  const [headText, bodyEnd] = [said(head), said(body).then(() => performance.now())];
  const headMs = await headText.then(() => performance.now() - started);
  const bodyMs = (await bodyEnd) - started;
  const records = await running.audit(1);
  await running.stop();
  return { headText: await headText, headMs, bodyMs, records };
}

describe('a connection that breaks', () => {
  test.each(['destroy', 'end'] as const)('leaves one record for each pipelined request (%s)', async (how) => {
    const running = await startApp();
    const socket = open(running);
    socket.write(bytes(callOf('waits', { text: '400' }, 1)));
    for (let i = 2; i <= 5; i++) socket.write(bytes(callOf('echo', { text: String(i) }, i)));
    await tick(150);
    socket[how]();
    const records = await running.audit(5);
    expect(records.map(({ tool }) => tool).sort()).toEqual(['echo', 'echo', 'echo', 'echo', 'waits']);
    await running.stop();
    expect(await running.drained).toBe(true);
  });

  test('gives its room in the audit buffer back, however often it happens', async () => {
    const running = await startApp();
    for (let round = 0; round < 30; round++) {
      const socket = open(running);
      socket.write('GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(100));
      await tick(5);
      socket.destroy();
    }
    await tick(200);
    expect(
      (await Promise.all(Array.from({ length: 20 }, () => running.post(callOf('echo'))))).map(
        (r) => r.status,
      ),
    ).toEqual(Array.from({ length: 20 }, () => 200));
    await running.stop();
  });
});

describe('a body that no stage reads', () => {
  const TOKEN = `Authorization: Bearer ${TOKENS.alice}`;
  const JSON_HEADERS = ['Content-Type: application/json', 'Accept: application/json'];
  const LONG = 'Content-Length: 1000000000';
  /** The head of the response to a request with an unfinished body. */
  async function headOf(line: string, fields: readonly string[]): Promise<string> {
    const socket = open();
    const answer = new Promise<string>((resolve) => {
      socket.setEncoding('utf8').once('data', (text) => resolve(String(text)));
    });
    socket.write(
      [
        `${line} HTTP/1.1`,
        'Host: 127.0.0.1',
        ...fields,
        '',
        fields.some((field) => /-Length|-Encoding/.test(field)) ? '1' : '',
      ].join('\r\n'),
    );
    const [head = ''] = (await answer).split('\r\n\r\n');
    socket.destroy();
    return head;
  }

  test.each([
    ['GET without a token', 'GET /mcp', [LONG], 401],
    ['GET with a token', 'GET /mcp', [TOKEN, LONG], 405],
    ['a short one of GET', 'GET /mcp', [TOKEN, 'Content-Length: 100'], 405],
    ['HEAD', 'HEAD /mcp', [TOKEN, LONG], 405],
    ['DELETE', 'DELETE /mcp', [TOKEN, LONG], 405],
    ['DELETE in chunks', 'DELETE /mcp', [TOKEN, 'Transfer-Encoding: chunked'], 405],
    ['PUT', 'PUT /mcp', [TOKEN, LONG], 405],
    ['OPTIONS', 'OPTIONS /mcp', [LONG], 405],
    ['a POST for another host', 'POST /mcp', [TOKEN, 'Host: x', LONG], 403],
    ['a POST of another Origin', 'POST /mcp', [TOKEN, 'Origin: http://x', LONG], 403],
    ['a POST of another type', 'POST /mcp', [TOKEN, 'Content-Type: text/plain', LONG], 415],
    ['a POST without a token, too large', 'POST /mcp', [...JSON_HEADERS, LONG], 413],
    ['a health check', 'GET /healthz', [LONG], 200],
    ['another path', 'POST /register', [LONG], 404],
    ['another path, in chunks', 'POST /register', ['Transfer-Encoding: chunked'], 404],
  ])('%s: the connection ends with the response', async (_what, line, fields, status) => {
    const head = await headOf(line, fields);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/^Connection: close\r?$/im);
  });

  test.each([
    [
      'a POST without a token, no larger than bodies are',
      'POST /mcp',
      [...JSON_HEADERS, 'Content-Length: 100'],
      401,
    ],
    ['GET without a body', 'GET /mcp', [TOKEN], 405],
    ['a health check', 'GET /healthz', [], 200],
    ['a registration, no larger than bodies are', 'POST /register', ['Content-Length: 100'], 404],
  ])('%s: the connection stays open', async (_what, line, fields, status) => {
    const head = await headOf(line, fields);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).not.toMatch(/^Connection: close/im);
  });
});

describe('a drain that runs out of time', () => {
  test('responds to requests in flight with 503, records them, and leaves no connection', async () => {
    const running = await startApp();
    const answers = Array.from({ length: 20 }, () => running.post(callOf('waits', { text: '1900' })));
    await tick(1000);
    expect(await running.drain(100)).toBe(false);
    const responses = await Promise.all(answers);
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 503));
    const records = await running.audit(20);
    expect(new Set(records.map(({ errorCode }) => errorCode))).toEqual(new Set(['shutting_down']));
    await running.stop();
  });
});

describe('a drain', () => {
  test('responds to every request that has arrived on a connection, and announces the end with the last response', async () => {
    const running = await startApp();
    const socket = open(running);
    const text = said(socket);
    for (let i = 1; i <= 3; i++) socket.write(bytes(callOf('waits', { text: '300' }, i)));
    await tick(150);
    expect(await running.drain(5000)).toBe(true);
    const answers = (await text).split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => /"id":\d/.exec(answer)?.[0])).toEqual(['"id":1', '"id":2', '"id":3']);
    const closing = answers.map((answer) => /^Connection: close\r$/im.test(answer));
    expect(closing).toEqual([false, false, true]);
    expect((await running.audit(3)).map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    await running.stop();
  });

  test('does not wait for a connection that an Expect header opened', async () => {
    const running = await startApp();
    const socket = open(running);
    const text = said(socket);
    socket.write(bytes(callOf('waits', { text: '300' }), ['Expect: 100-continue']));
    await tick(150);
    const begun = performance.now();
    expect(await running.drain(5000)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(await text).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/,
    );
    await running.stop();
  });

  test('does not wait for a connection that never sent a request', async () => {
    const running = await startApp();
    const silent = open(running);
    await once(silent, 'connect');
    // The server has accepted it, too.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const begun = performance.now();
    expect(await running.drain(5000)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1000);
    await running.stop();
  });
});

test('a header field named __proto__ is a field like any other', async () => {
  const socket = open();
  socket.write(bytes(callOf('echo'), ['__proto__: x', 'Connection: close']));
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
});

describe('an Expect header', () => {
  test('with 100-continue gets its response only when the body is wanted', async () => {
    const socket = open();
    const text = JSON.stringify(callOf('echo'));
    const [head] = bytes(callOf('echo'), ['Expect: 100-continue', 'Connection: close']).split('\r\n\r\n');
    socket.write(`${head}\r\n\r\n`);
    const answer = said(socket);
    await tick(100);
    socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test('without a token gets 401 and no 100', async () => {
    const socket = open();
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\nConnection: close\r\n\r\n',
    );
    expect(await said(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('with any other value gets 417 and has its record', async () => {
    const before = (await app.audit(2)).length;
    const socket = open();
    socket.write(bytes(callOf('echo'), ['Expect: the-unexpected', 'Connection: close']));
    expect(await said(socket)).toMatch(/^HTTP\/1\.1 417 /);
    expect((await app.audit(before + 1)).at(-1)).toMatchObject({ errorCode: 'expectation_failed' });
  });
});

describe('a request with an ambiguous host gets 403', () => {
  test.each([
    ['two Host headers', bytes(callOf('echo'), ['Host: evil.example', 'Connection: close'])],
    [
      'an absolute target',
      bytes(callOf('echo'), ['Connection: close']).replace('/mcp', 'http://evil.example/mcp'),
    ],
  ])('%s', async (_what, request) => {
    const socket = open();
    socket.write(request);
    expect(await said(socket)).toMatch(/^HTTP\/1\.1 40[03] /);
  });
});

describe('a slow sender is disconnected', () => {
  test('in the head after 10 s, in the body after 15 s', async () => {
    const { headMs, bodyMs, headText, records } = await slowSenders;
    expect(headText).toMatch(/^HTTP\/1\.1 408 /);
    expect([headMs > 10_000, headMs < 13_500]).toEqual([true, true]);
    expect([bodyMs > 15_000, bodyMs < 18_500]).toEqual([true, true]);
    expect(records.some(({ errorCode }) => errorCode === 'cancelled' || errorCode === 'body_not_read')).toBe(
      true,
    );
  });
});

describe('messages without a response', () => {
  test.each([
    [
      'a call without an id',
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'echo', arguments: { text: 'x' } } },
    ],
    ['a list without an id', { jsonrpc: '2.0', method: 'tools/list' }],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }],
    ['an error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }],
    ['nothing', {}],
  ])('%s gets 400 and is recorded as invalid', async (_what, message) => {
    const response = await app.post(message);
    expect(response.status).toBe(400);
    const records = await app.audit(1);
    const record = records.find(({ requestId }) => requestId === response.headers.get('x-request-id'));
    expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'message_not_accepted' });
  });
});

describe('a browser', () => {
  const origin = 'https://app.example.com';
  const preflight = (from: string) =>
    fetch(app.url, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });

  test('on an allowed origin may call, read the response, and see errors', async () => {
    const allowed = await preflight(origin);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-headers')).toMatch(/Authorization, .*Mcp-Method/);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await app.post(callOf('echo'), { origin, authorization: undefined });
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  test('on another origin gets 403 and no permission', async () => {
    const refused = await preflight('https://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('the token does not reach the protocol layer', async () => {
  const { McpServer } = await import('@modelcontextprotocol/server');
  const seen: string[] = [];
  const running = await startApp({
    createServer: () => {
      const server = new McpServer({ name: 'spy', version: '1' }, { capabilities: { tools: {} } });
      server.server.setRequestHandler('tools/list', (request, context) => {
        seen.push(
          JSON.stringify({
            request,
            headers: [...(context.http?.req?.headers ?? [])],
            auth: context.http?.authInfo,
          }),
        );
        return { tools: [] };
      });
      return server;
    },
  });
  await running.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toContain('content-type');
  expect(seen[0]).not.toContain(TOKENS.alice);
  await running.stop();
});

test('a token in a field of the protocol does not reach the audit record', async () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';
  await app.post({ jsonrpc: '2.0', id: 1, method: token });
  await app.post(callOf(token, {}), { 'mcp-protocol-version': token });
  await app.audit(3);
  expect(app.auditText()).not.toContain('eyJzdWIiOiJhbGljZSJ9');
});
