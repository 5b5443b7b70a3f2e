import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

/** Requirements of MCP 2026-07-28 and 2025-11-25 for every server, one by one, over HTTP. */

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

type Headers = Record<string, string | undefined>;
interface Wire {
  readonly jsonrpc?: string;
  readonly id?: unknown;
  readonly result?: Record<string, unknown> & { readonly _meta?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

async function send(body: unknown, headers: Headers = {}) {
  const response = await app.post(body, headers);
  const text = await response.text();
  return { response, status: response.status, text, wire: (text === '' ? {} : JSON.parse(text)) as Wire };
}

const ECHO = modern('tools/call', { name: 'echo', arguments: { text: 'hi' } }, 'id-1');
const LIST = modern('tools/list');
const PREFIX = 'io.modelcontextprotocol/';

/** A modern call with some headers changed; `undefined` leaves one out. */
const withHeaders = (headers: Headers) => [ECHO.body, { ...ECHO.headers, ...headers }] as const;

/** A modern list with its envelope changed; `undefined` leaves a key out. */
function withMeta(changes: Record<string, unknown> | undefined, headers: Headers = {}) {
  const meta = changes === undefined ? undefined : { ...LIST.body.params._meta, ...changes };
  const params = JSON.parse(JSON.stringify({ _meta: meta }));
  return [
    { ...LIST.body, params },
    { ...LIST.headers, ...headers },
  ] as const;
}

const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('a 2026-07-28 request is refused when', () => {
  test.each([
    [
      'its version header differs from the body',
      withHeaders({ 'mcp-protocol-version': '2025-11-25' }),
      400,
      -32_020,
    ],
    ['its version header is missing', withHeaders({ 'mcp-protocol-version': undefined }), 400, -32_020],
    ['Mcp-Method is missing', withHeaders({ 'mcp-method': undefined }), 400, -32_020],
    ['Mcp-Method names another method', withHeaders({ 'mcp-method': 'tools/list' }), 400, -32_020],
    ['Mcp-Method differs in case', withHeaders({ 'mcp-method': 'Tools/Call' }), 400, -32_020],
    ['Mcp-Name is missing', withHeaders({ 'mcp-name': undefined }), 400, -32_020],
    ['Mcp-Name names another tool', withHeaders({ 'mcp-name': 'fails' }), 400, -32_020],
    ['Mcp-Name differs in case', withHeaders({ 'mcp-name': 'Echo' }), 400, -32_020],
    ['Mcp-Name decodes to another tool', withHeaders({ 'mcp-name': base64('fails') }), 400, -32_020],
    ['Mcp-Name is not base64 as it says', withHeaders({ 'mcp-name': '=?base64?%%%?=' }), 400, -32_020],
    ['it has no _meta', withMeta(undefined), 400, -32_602],
    ['its _meta has no version', withMeta({ [`${PREFIX}protocolVersion`]: undefined }), 400, -32_602],
    ['its _meta has no capabilities', withMeta({ [`${PREFIX}clientCapabilities`]: undefined }), 400, -32_602],
    [
      'its capabilities are not an object',
      withMeta({ [`${PREFIX}clientCapabilities`]: 'all' }),
      400,
      -32_602,
    ],
    [
      'its version is not supported',
      withMeta({ [`${PREFIX}protocolVersion`]: '2099-01-01' }, { 'mcp-protocol-version': '2099-01-01' }),
      400,
      -32_022,
    ],
    ['its method does not exist', Object.values(modern('no/such')) as [object, Headers], 404, -32_601],
    ['its method left the protocol', Object.values(modern('ping')) as [object, Headers], 404, -32_601],
    [
      'its method needs a capability that is not offered',
      Object.values(modern('prompts/list')) as [object, Headers],
      404,
      -32_601,
    ],
    [
      'it subscribes, because nothing here changes',
      Object.values(modern('subscriptions/listen', { notifications: {} })) as [object, Headers],
      404,
      -32_601,
    ],
    [
      'its tool does not exist',
      Object.values(modern('tools/call', { name: 'nope' })) as [object, Headers],
      200,
      -32_602,
    ],
    ['its tool has no name', Object.values(modern('tools/call')) as [object, Headers], 200, -32_602],
    ['its id is null', [{ ...LIST.body, id: null }, LIST.headers], 400, -32_600],
    ['its id is a fraction', [{ ...LIST.body, id: 1.5 }, LIST.headers], 400, -32_600],
    [
      'its keys differ in case',
      [{ ...LIST.body, method: undefined, Method: 'tools/list' }, LIST.headers],
      400,
      -32_600,
    ],
    ['it is not JSON-RPC 2.0', [{ ...LIST.body, jsonrpc: '1.0' }, LIST.headers], 400, -32_600],
  ] as [string, readonly [object, Headers], number, number][])(
    '%s',
    async (_name, [body, headers], status, code) => {
      const { response, status: got, wire } = await send(body, headers);
      expect({ status: got, code: wire.error?.code, error: wire.error }).toMatchObject({ status, code });
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(wire.jsonrpc).toBe('2.0');
      expect(wire).not.toHaveProperty('result');
      expect(wire.error?.message).toEqual(expect.any(String));
      const { id } = body as { id: unknown };
      // Repeated if it is a valid id.
      expect(wire.id).toBe(typeof id === 'string' || Number.isInteger(id) ? id : null);
    },
  );

  test('the response to an unsupported version lists the supported ones', async () => {
    const [body, headers] = withMeta(
      { [`${PREFIX}protocolVersion`]: '2099-01-01' },
      { 'mcp-protocol-version': '2099-01-01' },
    );
    expect((await send(body, headers)).wire.error?.data).toEqual({
      supported: ['2026-07-28'],
      requested: '2099-01-01',
    });
  });
});

describe('a 2026-07-28 request is served when', () => {
  test.each([
    ['it is complete', withHeaders({})],
    ['Mcp-Name is encoded', withHeaders({ 'mcp-name': base64('echo') })],
    [
      'a session id and a last event id come with it',
      withHeaders({ 'mcp-session-id': 'x', 'last-event-id': '7' }),
    ],
    ['it accepts JSON only', withHeaders({ accept: 'application/json' })],
    [
      'it does not name its client',
      [
        {
          ...ECHO.body,
          params: {
            ...ECHO.body.params,
            _meta: { ...ECHO.body.params._meta, [`${PREFIX}clientInfo`]: undefined },
          },
        },
        ECHO.headers,
      ],
    ],
  ] as [string, readonly [object, Headers]][])('%s', async (_name, [body, headers]) => {
    const { response, status, wire } = await send(body, headers);
    expect({ status, wire }).toMatchObject({
      status: 200,
      wire: { jsonrpc: '2.0', id: 'id-1', result: { structuredContent: { text: 'hi' } } },
    });
    expect(wire).not.toHaveProperty('error');
    expect(response.headers.get('mcp-session-id')).toBeNull();
  });

  test('every result states its type and the server’s identity', async () => {
    for (const { body, headers } of [ECHO, LIST, modern('server/discover')]) {
      const { wire } = await send(body, headers);
      expect(wire.result).toMatchObject({
        resultType: 'complete',
        _meta: { [`${PREFIX}serverInfo`]: { name: 'hardened-mcp', version: '0.0.0' } },
      });
    }
  });

  test('it discovers versions and capabilities, and how long they are valid', async () => {
    const { body, headers } = modern('server/discover');
    expect((await send(body, headers)).wire.result).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: false } },
      ttlMs: expect.any(Number),
      cacheScope: 'private',
    });
  });

  test('arguments that do not fit the tool are a result, which a model can read and correct', async () => {
    const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 5 } });
    const { status, wire } = await send(body, headers);
    expect({ status, wire }).toMatchObject({ status: 200, wire: { result: { isError: true } } });
  });
});

describe('2025-11-25 and older', () => {
  const initialize = (protocolVersion: string) => ({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  });

  test.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'])(
    'a handshake for %s is accepted, without a session',
    async (version) => {
      const { response, wire } = await send(initialize(version));
      expect(wire).toMatchObject({
        id: 0,
        result: { protocolVersion: version, capabilities: { tools: {} } },
      });
      expect(response.headers.get('mcp-session-id')).toBeNull();
      expect(response.headers.get('content-type')).toBe('application/json');
    },
  );

  test.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'])(
    'a call and a ping that name %s are served, without a handshake',
    async (version) => {
      const headers = { 'mcp-protocol-version': version };
      expect(await send(callOf('echo', { text: 'hi' }), headers)).toMatchObject({
        status: 200,
        wire: { id: 1, result: { structuredContent: { text: 'hi' } } },
      });
      expect(await send({ jsonrpc: '2.0', id: 'p', method: 'ping' }, headers)).toMatchObject({
        status: 200,
        wire: { jsonrpc: '2.0', id: 'p', result: {} },
      });
    },
  );

  test.each(['2099-01-01', '2026-07-28', 'nonsense'])(
    'a handshake for %s is offered 2025-11-25',
    async (version) => {
      expect((await send(initialize(version))).wire.result).toMatchObject({ protocolVersion: '2025-11-25' });
    },
  );

  test.each([
    ['an unknown version header', callOf('echo'), { 'mcp-protocol-version': '2024-01-01' }, 400, -32_022],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'no/such' }, {}, 200, -32_601],
    ['an unknown tool', callOf('nope'), {}, 200, -32_602],
    ['a batch', [callOf('echo')], {}, 400, -32_600],
    ['no JSON-RPC message', {}, {}, 400, -32_600],
    ['an id of null', { jsonrpc: '2.0', id: null, method: 'tools/list' }, {}, 400, -32_600],
    ['keys in another case', { jsonrpc: '2.0', id: 1, METHOD: 'tools/list' }, {}, 400, -32_600],
    ['an Accept of neither kind', callOf('echo'), { accept: 'text/html' }, 406, -32_600],
  ])('%s is refused', async (_name, body, headers, status, code) => {
    const { status: got, wire } = await send(body, headers);
    expect({ status: got, wire }).toMatchObject({ status, wire: { jsonrpc: '2.0', error: { code } } });
  });

  test.each(['*/*', 'application/*, text/*', 'text/event-stream;q=0.5, application/json'])(
    'a call that accepts %s is served',
    async (accept) => {
      expect((await send(callOf('echo'), { accept })).status).toBe(200);
    },
  );

  test('a call without version header and with a foreign session id is served, as 2025-03-26 requires', async () => {
    const { status, wire } = await send(callOf('echo', { text: 'hi' }, 'abc'), {
      'mcp-session-id': 'made-up',
    });
    expect({ status, wire }).toMatchObject({ status: 200, wire: { id: 'abc', result: {} } });
    expect(wire.result).not.toHaveProperty('resultType');
  });
});

describe('in both eras', () => {
  test.each([
    [
      '2026-07-28',
      {
        body: { ...modern('notifications/cancelled', { requestId: 7 }).body, id: undefined },
        headers: modern('notifications/cancelled').headers,
      },
    ],
    ['2025-11-25', { body: { jsonrpc: '2.0', method: 'notifications/initialized' }, headers: {} }],
  ])('a notification of %s gets 202 and no body', async (_era, { body, headers }) => {
    const { status, text } = await send(body, headers);
    expect({ status, text }).toEqual({ status: 202, text: '' });
  });

  test('a notification with an unsupported version gets 4xx', async () => {
    const { headers, body } = modern('notifications/cancelled', { requestId: 7 });
    const { status } = await send(
      { ...body, id: undefined },
      { ...headers, 'mcp-protocol-version': '2099-01-01' },
    );
    expect(status).toBe(400);
  });

  test.each(['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'])(
    '%s gets 405 with Allow, and no stream',
    async (method) => {
      const headers = { accept: 'text/event-stream', authorization: `Bearer ${TOKENS.alice}` };
      const response = await fetch(app.url, { method, headers });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(response.headers.get('content-type')).toBe('application/json');
    },
  );

  test('header names are read in any case', async () => {
    const shouted = Object.fromEntries(
      Object.entries(ECHO.headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect((await send(ECHO.body, shouted)).status).toBe(200);
  });

  test('a token in the query does not count', async () => {
    const url = `${app.url}?access_token=alice-0123456789-abcdefghijklmnop`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(401);
  });
});
