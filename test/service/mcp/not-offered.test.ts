import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

/** Features of the protocol that this server does not offer: they are not announced, and refused as unknown. */

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const REF = { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: 'b' } };
const MESSAGES = [{ role: 'user', content: { type: 'text', text: 'x' } }];

/** Method, its parameters, and whether 2025-11-25 supports it. */
const METHODS: readonly [method: string, params: Record<string, unknown>, legacy?: 'served'][] = [
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'file:///etc/passwd' }],
  ['resources/subscribe', { uri: 'file:///etc/passwd' }],
  ['resources/unsubscribe', { uri: 'file:///etc/passwd' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'x' }],
  ['completion/complete', REF],
  ['logging/setLevel', { level: 'debug' }],
  ['subscriptions/listen', { notifications: { toolsListChanged: true } }],
  ['tasks/list', {}],
  ['tasks/get', { taskId: 'of-another-client' }],
  ['tasks/result', { taskId: 'of-another-client' }],
  ['tasks/cancel', { taskId: 'of-another-client' }],
  // Requests that a server sends to a client.
  ['sampling/createMessage', { messages: MESSAGES, maxTokens: 1 }],
  ['elicitation/create', { message: 'x', requestedSchema: { type: 'object', properties: {} } }],
  ['roots/list', {}],
  ['__proto__', {}],
  ['constructor', {}],
  ['toString', {}],
  ['initialize', { protocolVersion: '2026-07-28', capabilities: {} }, 'served'],
  ['ping', {}, 'served'],
];

/** A message of 2026-07-28 with the name header that its method requires. */
function modernOf(method: string, params: Record<string, unknown>) {
  const { body, headers } = modern(method, params);
  const { uri, taskId = uri } = params;
  return { body, headers: typeof taskId === 'string' ? { ...headers, 'mcp-name': taskId } : headers };
}

describe.each(METHODS)('%s', (method, params, legacy) => {
  test('of 2026-07-28 is an unknown method', async () => {
    const { body, headers } = modernOf(method, params);
    const response = await app.post(body, headers);
    expect([response.status, await response.json()]).toMatchObject([404, { id: 1, error: { code: -32601 } }]);
  });

  if (legacy === undefined) {
    test('of 2025-11-25 is an unknown method', async () => {
      const response = await app.post(
        { jsonrpc: '2.0', id: 1, method, params },
        { 'mcp-protocol-version': '2025-11-25' },
      );
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { id: 1, error: { code: -32601 } },
      ]);
    });
  }
});

test('only tools are announced, in both eras, and that their list does not change', async () => {
  const capabilities = { tools: { listChanged: false } };
  const discover = modern('server/discover');
  const info = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  for (const response of [
    await app.post(discover.body, discover.headers),
    await app.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: info }),
  ]) {
    const { result } = (await response.json()) as { result: { capabilities: unknown } };
    expect(result.capabilities).toEqual(capabilities);
  }
});

test('a call that asks for log messages gets its response and no log', async () => {
  for (const name of ['echo', 'fails', 'refuses']) {
    const { body, headers } = modern('tools/call', { name, arguments: { text: 'x' } });
    Object.assign(body.params._meta, { 'io.modelcontextprotocol/logLevel': 'debug' });
    const response = await app.post(body, headers);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: 1, result: { content: [{ type: 'text' }] } });
  }
});

test('unrequested state and answers change nothing: no tool asks the client', async () => {
  const plain = modern('tools/call', { name: 'echo', arguments: { text: 'x' } });
  const forged = modern('tools/call', {
    name: 'echo',
    arguments: { text: 'x' },
    requestState: 'forged.by.a.client',
    inputResponses: { confirm: { action: 'accept', content: { ok: true } } },
  });
  const answers = [];
  for (const { body, headers } of [plain, forged]) answers.push(await (await app.post(body, headers)).json());
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ result: { resultType: 'complete' } });
});

test('a request to run as a task gets its result at once: no task is kept', async () => {
  const call = callOf('echo', { text: 'x' }) as { params: object };
  Object.assign(call.params, { task: { ttl: 60_000 } });
  const { result } = (await (await app.post(call)).json()) as { result: object };
  expect(result).toMatchObject({ structuredContent: { text: 'x' } });
  expect(result).not.toHaveProperty('task');
});

test('a client of HTTP+SSE (2024-11-05) finds no stream', async () => {
  const headers = { Authorization: `Bearer ${TOKENS.alice}` };
  const transport = new SSEClientTransport(new URL(app.url), {
    requestInit: { headers },
    eventSourceInit: { fetch: (url, init) => fetch(url, { ...init, headers }) },
  });
  await expect(new Client({ name: 'test', version: '1' }).connect(transport as never)).rejects.toMatchObject({
    code: 405,
  });
});

test('URIs are not looked up, so none is matched against a template: 800 slashes take no time', async () => {
  const started = performance.now();
  const { body, headers } = modernOf('resources/read', { uri: `x://${'/'.repeat(800)}` });
  expect((await app.post(body, headers)).status).toBe(404);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('a client cannot write into the operational log by asking for missing features', async () => {
  const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
  expect((await app.post(body, headers)).status).toBe(404);
  expect(await app.logText()).not.toContain('protocol_failed');
});
