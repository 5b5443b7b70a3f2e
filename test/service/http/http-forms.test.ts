import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendRaw } from '../support/send-raw.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

/** Requests in rare forms that HTTP allows. */

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const MESSAGE = JSON.stringify(callOf('echo', { text: 'hi' }, 'odd'));
const ANSWER = '"structuredContent":{"text":"hi","clientId":"alice"}';
const HEADERS = [
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  'Accept: application/json, text/event-stream',
  `Authorization: Bearer ${TOKENS.alice}`,
];
const whole = (text = MESSAGE) => [`Content-Length: ${Buffer.byteLength(text)}`, '', text];
const chunks = (...parts: string[]) => [
  ...parts.flatMap((part) => [Buffer.byteLength(part).toString(16), part]),
  ...['0', '', ''],
];

const raw = (...lines: string[]) => sendRaw(app.url, lines.join('\r\n'));

const CLOSE = 'Connection: close';
const half = Math.floor(MESSAGE.length / 2);
const shouting = HEADERS.map((line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()));
const whispering = HEADERS.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
const odd = modern('tools/call', { name: 'echo', arguments: { text: 'hi' } }, 'odd');
const ODD_MESSAGE = JSON.stringify(odd.body);

describe('is served', () => {
  test.each([
    ['HTTP/1.0', ['POST /mcp HTTP/1.0', ...HEADERS, ...whole()]],
    ['header names in upper case', ['POST /mcp HTTP/1.1', ...shouting, CLOSE, ...whole()]],
    ['header names in lower case', ['POST /mcp HTTP/1.1', ...whispering, CLOSE, ...whole()]],
    [
      'header names of 2026-07-28 in any case, with blanks around their values',
      [
        ...['POST /mcp HTTP/1.1', ...HEADERS, CLOSE],
        ...['mcp-PROTOCOL-version:\t2026-07-28 ', 'MCP-METHOD:   tools/call', 'mCP-nAME:echo  '],
        ...whole(ODD_MESSAGE),
      ],
    ],
    [
      'a body in chunks, cut in the middle of the message',
      [
        ...['POST /mcp HTTP/1.1', ...HEADERS, CLOSE, 'Transfer-Encoding: chunked', ''],
        ...chunks(MESSAGE.slice(0, half), MESSAGE.slice(half)),
      ],
    ],
    [
      'chunks with extensions and a trailer',
      [
        ...['POST /mcp HTTP/1.1', ...HEADERS, CLOSE, 'Transfer-Encoding: Chunked', 'Trailer: X-Digest', ''],
        ...[`${MESSAGE.length.toString(16)};name="value"`, MESSAGE, '0', 'X-Digest: 1', '', ''],
      ],
    ],
    [
      'Accept in two lines',
      [
        ...['POST /mcp HTTP/1.1', HEADERS[0] ?? '', HEADERS[1] ?? '', HEADERS[3] ?? '', CLOSE],
        ...['Accept: application/json', 'Accept: text/event-stream', ...whole()],
      ],
    ],
    ['a query, which has no meaning here', ['POST /mcp?x=1 HTTP/1.1', ...HEADERS, CLOSE, ...whole()]],
    [
      'an offer of another protocol, which is ignored',
      ['POST /mcp HTTP/1.1', ...HEADERS, 'Connection: Upgrade, close', 'Upgrade: h2c', ...whole()],
    ],
    [
      'the headers of a session',
      ['POST /mcp HTTP/1.1', ...HEADERS, CLOSE, 'Mcp-Session-Id: s-1', 'Last-Event-ID: 7', ...whole()],
    ],
  ])('%s', async (_what, lines) => {
    const answer = await raw(...lines);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(ANSWER);
    expect(answer).not.toMatch(/mcp-session-id/i);
  });

  test.each([
    '*/*',
    'application/*, text/*',
    'Application/JSON, TEXT/Event-Stream',
    'text/event-stream;q=0.1, application/json;q=0.9',
    undefined,
  ])('Accept: %s, in both eras', async (accept) => {
    const lines = HEADERS.filter((line) => !line.startsWith('Accept'));
    if (accept !== undefined) lines.push(`Accept: ${accept}`);
    const headers = Object.entries(odd.headers).map(([name, value]) => `${name}: ${value}`);
    for (const answer of [
      await raw('POST /mcp HTTP/1.1', ...lines, CLOSE, ...whole()),
      await raw('POST /mcp HTTP/1.1', ...lines, ...headers, CLOSE, ...whole(ODD_MESSAGE)),
    ]) {
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain(ANSWER);
    }
  });

  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json ; charset="UTF-8"',
    'application/json;',
    'application/json; profile="x"; charset=utf-8',
  ])('Content-Type: %s', async (type) => {
    expect((await app.post(MESSAGE, { 'content-type': type })).status).toBe(200);
  });
});

test.each([
  'text/html',
  '',
  'application/xml, text/plain',
  'application/json;q=0, text/event-stream;q=0.000',
  '*/*;q=0',
])('Accept: %s gets 406, because it accepts neither kind of response', async (accept) => {
  expect((await app.post(MESSAGE, { accept })).status).toBe(406);
  expect((await app.post(ODD_MESSAGE, { ...odd.headers, accept })).status).toBe(406);
});

describe('a connection', () => {
  interface Received {
    readonly status: number | undefined;
    readonly text: string;
    /** Whether the connection had carried a request before. */
    readonly reused: boolean;
  }

  function sender() {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, body?: string, headers: Record<string, string> = {}): Promise<Received> =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        const message = request(app.url, {
          agent,
          method,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${TOKENS.alice}`,
            ...length,
            ...headers,
          },
        });
        message.on('error', reject).on('response', (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (data) => {
            text += data;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode, text, reused: message.reusedSocket }),
          );
        });
        message.end(body);
      });
    return { agent, send };
  }

  test('carries hundreds of requests, including refused and streamed ones', async () => {
    const { agent, send } = sender();
    const streamed = JSON.stringify({
      ...callOf('progresses', { text: '2' }),
      params: { name: 'progresses', arguments: { text: '2' }, _meta: { progressToken: 1 } },
    });
    const between: [status: number, method: string, body?: string, headers?: Record<string, string>][] = [
      // The behaviour of clients before 2026-07-28: look for a stream, end a session.
      [405, 'GET', undefined, { accept: 'text/event-stream' }],
      [405, 'DELETE', undefined, { 'mcp-session-id': 'made-up' }],
      [401, 'GET', undefined, { authorization: 'Bearer wrong' }],
      [405, 'OPTIONS'],
      [401, 'POST', MESSAGE, { authorization: '' }],
      [403, 'POST', MESSAGE, { origin: 'https://evil.example' }],
      [415, 'POST', MESSAGE, { 'content-type': 'text/plain' }],
      [400, 'POST', '{'],
      [202, 'POST', '{"jsonrpc":"2.0","method":"notifications/initialized"}'],
      [200, 'POST', streamed],
    ];
    expect(await send('POST', MESSAGE)).toMatchObject({ status: 200, reused: false });
    for (const [status, ...sent] of between) {
      expect([sent, await send(...sent)]).toMatchObject([sent, { status, reused: true }]);
      expect(await send('POST', MESSAGE)).toMatchObject({ status: 200, reused: true });
    }
    for (let i = 0; i < 200; i++)
      expect(await send('POST', MESSAGE)).toMatchObject({ status: 200, reused: true });
    agent.destroy();
  });

  test('closes with the rest of a body of unknown length', async () => {
    const answer = await raw(
      ...['POST /mcp HTTP/1.1', 'Host: 127.0.0.1', 'Transfer-Encoding: chunked', '', '5', 'hello', ''],
    );
    const [head] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 415 /);
    expect(head).toMatch(/^Connection: close\r$/m);
  });
});
