import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectV1, connectV2, PINNED } from '../../support/sdk-clients.ts';
import { getOf, readOf, resource, TEST_PROMPTS, TEST_RESOURCES } from '../support/items.ts';
import { modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

/** Resources and prompts, through the whole pipeline. */

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ resources: TEST_RESOURCES, prompts: TEST_PROMPTS });
});
afterAll(() => app.stop());

async function send(message: object, token: string = TOKENS.alice) {
  const response = await app.post(message, { authorization: `Bearer ${token}` });
  const { result, error } = (await response.json()) as {
    result: Record<string, unknown>;
    error: { code: number; message: string; data?: unknown };
  };
  return { status: response.status, id: response.headers.get('x-request-id'), result, error };
}

async function recordOf(id: string | null) {
  return (await app.audit()).find(({ requestId }) => requestId === id);
}

/** The same features of clients of either SDK. */
const CLIENTS = [
  ['the v1 SDK, which speaks 2025-11-25', (token: string) => connectV1(app.url, token)],
  ['the v2 SDK, which speaks 2026-07-28', (token: string) => connectV2(app.url, token, PINNED)],
] as const;

describe.each(CLIENTS)('a client of %s', (_name, connect) => {
  test('sees capabilities, resources, templates and prompts of its scopes only', async () => {
    const client = await connect(TOKENS.alice);
    expect(client.getServerCapabilities()).toEqual({
      tools: { listChanged: false },
      resources: { listChanged: false, subscribe: false },
      prompts: { listChanged: false },
    });
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(['plain', 'bytes', 'fails', 'hangs', 'large'].map((name) => `test://${name}`));
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['test://pages/{page}']);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['greet', 'fails', 'hangs']);
    expect(prompts[0]?.arguments).toEqual([
      { name: 'name', description: 'Who', required: true },
      { name: 'mood', required: false },
    ]);
    await client.close();
  });

  test('without a scope sees none of them', async () => {
    const client = await connect(TOKENS.noScope);
    expect((await client.listResources()).resources).toEqual([]);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
    expect((await client.listPrompts()).prompts).toEqual([]);
    await client.close();
  });

  test('reads text, bytes and a template, and gets the messages of a prompt', async () => {
    const client = await connect(TOKENS.alice);
    const contents = async (uri: string) => (await client.readResource({ uri })).contents;
    expect(await contents('test://plain')).toEqual([
      { uri: 'test://plain', mimeType: 'text/plain', text: 'read by alice\ufffd' },
    ]);
    expect(await contents('test://bytes')).toEqual([
      { uri: 'test://bytes', mimeType: 'image/png', blob: 'AP8=' },
    ]);
    expect(await contents('test://pages/a%20b')).toMatchObject([{ text: 'page a b' }]);
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Al' } });
    expect(messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'I am Al' } },
      { role: 'assistant', content: { type: 'text', text: 'fine' } },
    ]);
    await client.close();
  });

  test('gets an error with its URI for an unknown resource', async () => {
    const client = await connect(TOKENS.alice);
    for (const uri of ['test://nope', 'test://pages/none']) {
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32_602, data: { uri } });
    }
    await client.close();
  });
});

describe('a refusal', () => {
  test.each([
    ['a resource', readOf('test://other')],
    ['a prompt', getOf('other', { name: 'A' })],
  ])('of %s without its scope names the scope in a challenge', async (_what, message) => {
    const response = await app.post(message);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="other"');
    expect(await response.json()).toMatchObject({ error: { code: 403 } });
  });

  test.each([
    ['an unknown argument', { name: 'A', secret: 'hunter2' }, 'Unrecognized key: "secret"'],
    ['a missing argument', {}, 'at name'],
    ['an argument that is too long', { name: 'x'.repeat(21) }, 'at name'],
  ])('of a prompt with %s names it', async (_what, given, text) => {
    const { error, id } = await send(getOf('greet', given));
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining(text) });
    expect(await recordOf(id)).toMatchObject({ outcome: 'invalid', errorCode: 'params_invalid' });
  });

  test.each([
    ['a read', readOf('test://hangs'), 'deadline_exceeded'],
    ['a prompt', getOf('hangs'), 'deadline_exceeded'],
    ['a read of too many bytes', readOf('test://large'), 'resource_failed'],
    ['a read that throws', readOf('test://fails'), 'resource_failed'],
    ['a prompt that throws', getOf('fails'), 'prompt_failed'],
  ])('%s ends with its row and no internals', async (_what, message, code) => {
    const { status, error, id } = await send(message);
    expect(status).toBe(200);
    expect(error.code).toBe(-32_603);
    expect(JSON.stringify(error)).not.toMatch(/hunter2|1048576/);
    expect(await recordOf(id)).toMatchObject({ errorCode: code });
  });

  test('a limit counts each resource on its own', async () => {
    const limited = await startApp({
      resources: ['a://1', 'a://2'].map((uri) =>
        resource(uri, async () => ({ text: uri }), { limitPerMinute: 1 }),
      ),
    });
    const statuses = [];
    for (const uri of ['a://1', 'a://1', 'a://2']) statuses.push((await limited.post(readOf(uri))).status);
    expect(statuses).toEqual([200, 429, 200]);
    await limited.stop();
  });
});

test('a read and a prompt are recorded with their names, and the arguments redacted', async () => {
  const read = await send(readOf('test://pages/api_key=hunter2-hunter2-hunter2'));
  expect(await recordOf(read.id)).toMatchObject({
    method: 'resources/read',
    outcome: 'ok',
    clientId: 'alice',
  });
  const got = await send(getOf('greet', { name: 'Bearer hunter2-hunter2' }));
  expect(await recordOf(got.id)).toMatchObject({ method: 'prompts/get', prompt: 'greet' });
  expect(app.auditText()).not.toContain('hunter2-hunter2');
  const started = (await app.logText()).split('\n').filter((line) => line.includes('call_started'));
  // The template, because the URI is the client's text.
  expect(started.some((line) => line.includes('"resource":"test://pages/{page}"'))).toBe(true);
});

test('a header that names another resource than the body is refused', async () => {
  const { body, headers } = modern('resources/read', { uri: 'test://plain' });
  const named = (name: string) => app.post(body, { ...headers, 'mcp-name': name });
  expect((await named('test://plain')).status).toBe(200);
  expect((await named('test://other')).status).toBe(400);
});

test('a cursor that this server never issued is refused', async () => {
  for (const method of ['resources/list', 'resources/templates/list', 'prompts/list']) {
    const { error } = await send({ jsonrpc: '2.0', id: 1, method, params: { cursor: 'x' } });
    expect(error).toMatchObject({ code: -32_602 });
  }
});

test('a list may be cached by its client, a read may not', async () => {
  const ask = async (method: string, params = {}) => {
    const { body, headers } = modern(method, params);
    const name = 'uri' in params ? { 'mcp-name': String(params.uri) } : {};
    return (await (await app.post(body, { ...headers, ...name })).json()) as { result: object };
  };
  expect((await ask('resources/list')).result).toMatchObject({ ttlMs: 60_000, cacheScope: 'private' });
  expect((await ask('prompts/list')).result).toMatchObject({ ttlMs: 60_000, cacheScope: 'private' });
  const { result } = await ask('resources/read', { uri: 'test://plain' });
  expect(result).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
});
