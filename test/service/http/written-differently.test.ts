import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { ToolContext } from '../../../service/tools/tool.ts';
import { messagesOf } from '../support/events.ts';
import { sendRaw } from '../support/send-raw.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { TEST_TOOLS, tool } from '../support/tools.ts';

/** Messages in forms that real clients and proxies send, but that the specifications do not show. */

/** Line ends of Python's str.splitlines, except CR and LF. */
const PYTHON_LINE_ENDS = [...'\v\f\u001c\u001d\u001e\u0085\u2028\u2029'];
const LINE_ENDS = PYTHON_LINE_ENDS.join('x');
let app: RunningApp;
beforeAll(async () => {
  const echo = async ({ text }: { text: string }, { client }: ToolContext) => ({
    text,
    structured: { text, clientId: client.id },
  });
  const nested = {
    ...tool('nested', echo),
    input: z.strictObject({
      text: z.string().default('unset'),
      more: z.strictObject({ a: z.string().optional(), b: z.string().nullable().optional() }).optional(),
    }),
  } as never;
  const pages = tool('pages', async (_input, { client: { id: clientId }, progress }) => {
    progress(1, 1, LINE_ENDS);
    return { text: LINE_ENDS, structured: { text: LINE_ENDS, clientId } };
  });
  app = await startApp({ tools: [...TEST_TOOLS, nested, pages] });
});
afterAll(() => app.stop());

type Params = Record<string, unknown>;
type Headers = Readonly<Record<string, string | undefined>>;
interface Sent {
  readonly body: Params;
  readonly headers: Headers;
}

/** The fast path handles plain messages of 2026-07-28; an unknown member of `_meta` leaves them to the SDK. */
const ERAS: Readonly<Record<string, (method: string, params?: Params | null) => Sent>> = {
  '2025-11-25': (method, params) => ({
    body: { jsonrpc: '2.0', id: 'x', method, ...(params === undefined ? {} : { params }) },
    headers: {},
  }),
  '2026-07-28': (method, params) => modern(method, params ?? {}, 'x'),
  '2026-07-28, by the SDK': (method, params) => {
    const { body, headers } = modern(method, params ?? {}, 'x');
    return {
      body: { ...body, params: { ...body.params, _meta: { ...body.params._meta, more: 1 } } },
      headers,
    };
  },
};

async function send({ body, headers }: Sent, more: Headers = {}) {
  const response = await app.post(body, { ...headers, ...more });
  const text = await response.text();
  const type = response.headers.get('content-type');
  const messages = type === 'text/event-stream' ? messagesOf(text) : text === '' ? [] : [JSON.parse(text)];
  return { status: response.status, type, text, messages, last: messages.at(-1) };
}

function raw(lines: readonly string[], body: string): Promise<string> {
  const head = [...lines, 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`, '', body];
  return sendRaw(app.url, head.join('\r\n'));
}

const CALL = { name: 'echo', arguments: { text: 'hi' } };
const RESULT = { structuredContent: { text: 'hi', clientId: 'alice' } };

describe.each(Object.entries(ERAS))('in %s', (era, message) => {
  const call = message('tools/call', CALL);
  const lines = (more: readonly string[] = []) => [
    ...['Host: 127.0.0.1', `Authorization: Bearer ${TOKENS.alice}`, 'Content-Type: application/json'],
    ...['Accept: application/json, text/event-stream', ...more],
    ...Object.entries(call.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const body = JSON.stringify(call.body);

  test.each<[string, Params, unknown]>([
    ['an optional argument', { name: 'echo', arguments: { text: 'hi', api_key: null } }, RESULT],
    [
      'an argument with a default',
      { name: 'nested', arguments: { text: null } },
      { content: [{ text: 'unset' }] },
    ],
    [
      'a nested argument',
      { name: 'nested', arguments: { more: { a: null, b: null } } },
      { content: [{ text: 'unset' }] },
    ],
    ['all arguments', { name: 'nested', arguments: null }, { content: [{ text: 'unset' }] }],
    ['a parameter of another method', { ...CALL, cursor: null, task: null }, RESULT],
  ])('%s that is null counts as left out', async (_what, params, result) => {
    expect(await send(message('tools/call', params))).toMatchObject({
      status: 200,
      last: { id: 'x', result },
    });
  });

  test('a required argument that is null is still refused', async () => {
    const { last } = await send(message('tools/call', { name: 'echo', arguments: { text: null } }));
    expect(last).toMatchObject({ result: { isError: true } });
  });

  test.each<[string, Params | null]>([
    ['a cursor', { cursor: null }],
    ...(era === '2025-11-25'
      ? ([
          ['all parameters', null],
          ['_meta', { _meta: null }],
          ['a progress token', { _meta: { progressToken: null } }],
        ] as [string, Params | null][])
      : []),
  ])('%s that is null counts as left out', async (_what, params) => {
    expect(await send(message('tools/list', params))).toMatchObject({
      status: 200,
      last: { result: { tools: expect.any(Array) } },
    });
  });

  test.each<[string, string, string | RegExp]>([
    ['application/json', 'application/json', 'application/json'],
    ['application/json; charset=utf-8, text/event-stream', 'application/json', 'application/json'],
    ['application/json, text/html', 'application/json', 'application/json'],
    ['text/event-stream', 'text/event-stream', 'text/event-stream'],
    ['text/event-stream;q=1, text/html', 'text/event-stream', 'text/event-stream'],
  ])('Accept: %s gets %s', async (accept, type) => {
    for (const sent of [call, message('tools/list')]) {
      const { status, type: got, messages } = await send(sent, { accept });
      expect([status, got, messages.length]).toEqual([200, type, 1]);
      expect(messages[0]).toMatchObject({ jsonrpc: '2.0', id: 'x', result: expect.anything() });
    }
  });

  test('an error for a client that accepts only events is an event with 200, and JSON with every other status', async () => {
    const accept = 'text/event-stream';
    const unknown = await send(message('tools/call', { name: 'nope' }), { accept });
    expect(unknown).toMatchObject({ status: 200, type: accept, last: { error: { code: -32_602 } } });
    const refused = await send(call, { accept, authorization: 'Bearer wrong' });
    expect(refused).toMatchObject({ status: 401, type: 'application/json', last: { error: { code: 401 } } });
  });

  test.each<[string, Headers]>([
    ['Content-Encoding: identity', { 'content-encoding': 'identity' }],
    ['Content-Encoding: Identity, identity', { 'content-encoding': 'Identity, identity' }],
    ['Content-Type twice in one line', { 'content-type': 'application/json, application/json' }],
    ['Content-Type with parameters', { 'content-type': 'application/json; profile=x; charset=UTF-8' }],
  ])('%s is accepted', async (_what, headers) => {
    expect(await send(call, headers)).toMatchObject({ status: 200, last: { result: RESULT } });
  });

  test.each<[string, Headers]>([
    ['gzip', { 'content-encoding': 'gzip' }],
    ['identity, gzip', { 'content-encoding': 'identity, gzip' }],
    ['two types that differ', { 'content-type': 'application/json, text/plain' }],
  ])('%s gets 415', async (_what, headers) => {
    expect((await send(call, headers)).status).toBe(415);
  });

  test('every header except those of trust counts once when it arrives twice with one value', async () => {
    const names = Object.keys(call.headers);
    const twice = [
      ...lines(),
      ...['Content-Type: application/json', ...names.map((name) => `${name}: ${call.headers[name]}`)],
    ];
    const answer = await raw(['POST /mcp HTTP/1.1', ...twice], body);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    for (const name of names) {
      const value = call.headers[name];
      expect(await send(call, { [name]: `${value}, ${value}` })).toMatchObject({ status: 200 });
      expect((await send(call, { [name]: `${value}, other` })).status).toBe(400);
    }
  });

  test.each([
    ['Authorization', `Authorization: Bearer ${TOKENS.alice}`, 400],
    ['Host', 'Host: 127.0.0.1', 403],
    ['Content-Type that differs', 'Content-Type: text/plain', 415],
    ['Origin', 'Origin: https://app.example.com\r\nOrigin: https://app.example.com', 403],
  ])('a second %s is refused', async (_what, line, status) => {
    // Some Node.js releases themselves refuse a second Host with 400.
    const answer = await raw(['POST /mcp HTTP/1.1', ...lines([line])], body);
    expect([`${status}`, ...(status === 403 ? ['400'] : [])]).toContain(answer.slice(9, 12));
  });

  test('a target that names this host is accepted, with the port and scheme of its sender', async () => {
    for (const target of ['http://127.0.0.1/mcp', 'HTTP://127.0.0.1/mcp', 'https://127.0.0.1/mcp'])
      expect(await raw([`POST ${target} HTTP/1.1`, ...lines()], body)).toMatch(/^HTTP\/1\.1 200 /);
    const [, ...hostless] = lines();
    expect(await raw(['POST http://127.0.0.1:80/mcp HTTP/1.0', ...hostless], body)).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });

  test.each([
    ['names another host', 'http://evil.example/mcp', 'evil.example'],
    ['names another host than Host does', 'http://evil.example/mcp', '127.0.0.1'],
    ['names this host but Host names another', 'http://127.0.0.1/mcp', 'evil.example'],
    ['names another port than Host does', 'http://127.0.0.1:81/mcp', '127.0.0.1:80'],
    ['has a user', 'http://a@127.0.0.1/mcp', 'a@127.0.0.1'],
    ['has another scheme', 'ftp://127.0.0.1/mcp', '127.0.0.1'],
  ])('a target that %s is refused', async (_what, target, host) => {
    const [, ...rest] = lines();
    const answer = await raw([`POST ${target} HTTP/1.1`, `Host: ${host}`, ...rest], body);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.each(['9007199254740993', '-9007199254740993', '1e300', '1e400', '1.5', 'true', '{}', '[]', 'null'])(
    'an id of %s gets a response with null and never with an id that was not sent',
    async (id) => {
      const response = await app.post(body.replace('"id":"x"', `"id":${id}`), call.headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ id: null, error: { code: -32_600 } });
    },
  );

  test.each([9_007_199_254_740_991, -1, 0, '9007199254740993'])('an id of %j comes back', async (id) => {
    expect((await send({ ...call, body: { ...call.body, id } })).last.id).toBe(id);
  });

  test('no response contains a character that some line readers treat as a line end', async () => {
    const progress = era.startsWith('2025')
      ? { _meta: { progressToken: 1 } }
      : { _meta: { ...((call.body['params'] as Params)['_meta'] as object), progressToken: 1 } };
    const { body: asked, headers } = message('tools/call', { name: 'pages', arguments: { text: '' } });
    const streamed = { body: { ...asked, params: { ...(asked['params'] as Params), ...progress } }, headers };
    for (const [sent, accept, events] of [
      [{ body: asked, headers }, 'application/json', 1],
      [{ body: asked, headers }, 'text/event-stream', 1],
      [streamed, 'text/event-stream', 2],
    ] as const) {
      const { text, last, messages } = await send(sent, { accept });
      for (const end of PYTHON_LINE_ENDS) expect(text).not.toContain(end);
      expect(messages).toHaveLength(events);
      expect(last.result.structuredContent.text).toBe(LINE_ENDS);
    }
  });
});

describe('a handshake', () => {
  const initialize = (protocolVersion: string) => ({
    ...{ jsonrpc: '2.0', id: 'x', method: 'initialize' },
    params: { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
  });

  test.each(['2027-01-01', '2026-07-28', '2023-01-01', 'next'])(
    'for %s, also in its header, is offered the latest version with a handshake',
    async (version) => {
      const sent = { body: initialize(version), headers: { 'mcp-protocol-version': version } };
      expect(await send(sent)).toMatchObject({
        status: 200,
        last: { id: 'x', result: { protocolVersion: '2025-11-25' } },
      });
    },
  );

  test('whose header and body differ is refused', async () => {
    const sent = { body: initialize('2025-11-25'), headers: { 'mcp-protocol-version': '2027-01-01' } };
    expect(await send(sent)).toMatchObject({ status: 400, last: { error: { code: -32_020 } } });
  });
});

test.each(['server/discover', 'tools/list'])(
  '%s of 2026-07-28 with a header of 2025-11-25 is refused with the header to send, as the revision demands',
  async (method) => {
    const { body, headers } = modern(method, {}, 'x');
    const { status, last } = await send({
      body,
      headers: { ...headers, 'mcp-protocol-version': '2025-11-25' },
    });
    expect([status, last.error.code]).toEqual([400, -32_020]);
    expect(last.error.message).toMatch(/: MCP-Protocol-Version: 2026-07-28$/);
  },
);

test('a token that lacks scopes gets a text that names them', async () => {
  const { last } = await send(
    { body: callOf('echo') as Params, headers: {} },
    { authorization: `Bearer ${TOKENS.noScope}` },
  );
  expect(last.error.message).toBe('The access token lacks a scope that this call needs: echo');
});
