import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../../service/errors.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

interface Wire {
  readonly result?: { readonly structuredContent?: unknown; readonly isError?: boolean };
  readonly error?: { readonly code: number; readonly message: string };
}

/** The response to a message, and its record. */
async function send(body: object | string, headers: Record<string, string> = {}) {
  const response = await app.post(body, headers);
  const wire = (await response.json()) as Wire;
  const id = response.headers.get('x-request-id');
  for (let count = 1; ; ) {
    const records = await app.audit(count);
    const record = records.find(({ requestId }) => requestId === id);
    if (record !== undefined) return { status: response.status, ...wire, record };
    count = records.length + 1;
  }
}

const CALL = { name: 'echo', arguments: { text: 'right' } };
const ERAS = {
  '2025-11-25': () => ({ body: callOf('echo', { text: 'right' }), headers: {} }),
  '2026-07-28': () => modern('tools/call', CALL),
} as const;

/** A message with the last key of a path in another spelling, alone or beside the right one. */
function respelled(body: object, path: string, written: string, beside?: unknown): object {
  const copy = structuredClone(body) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let parent = copy;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  parent[written] = beside ?? parent[last];
  if (beside === undefined) delete parent[last];
  return copy;
}

describe.each(Object.entries(ERAS))('in %s', (_era, call) => {
  test.each([
    ['jsonrpc', 'JSONRPC'],
    ['jsonrpc', 'jsonRpc'],
    ['id', 'ID'],
    ['id', 'Id'],
    ['method', 'METHOD'],
    ['method', 'Method'],
    ['params', 'PARAMS'],
    ['params', 'Params'],
    // The Kelvin sign and the long s, which some comparisons treat as k and s.
    ['params', 'paramſ'],
    ['params.name', 'Name'],
    ['params.name', 'NAME'],
    ['params.arguments', 'Arguments'],
    ['params.arguments', 'argumentſ'],
    ['params.arguments.text', 'Text'],
  ])('%s written %s is another member', async (path, written) => {
    const { body, headers } = call();
    const { result, record } = await send(respelled(body, path, written), headers);
    expect(result?.structuredContent).toBeUndefined();
    expect(record).toMatchObject({ outcome: 'invalid' });
  });

  test.each([
    ['method', 'Method', 'tools/list'],
    ['params', 'Params', { name: 'fails', arguments: { text: 'x' } }],
    ['id', 'ID', 7],
  ])('a second %s written %s is refused', async (path, written, beside) => {
    const { body, headers } = call();
    expect(await send(respelled(body, path, written, beside), headers)).toMatchObject({
      status: 400,
      error: { code: -32_600 },
    });
  });

  test.each([
    ['params.name', 'Name', 'fails'],
    ['params.arguments', 'Arguments', { text: 'wrong' }],
  ])('a second %s written %s replaces nothing', async (path, written, beside) => {
    const { body, headers } = call();
    const { result, record } = await send(respelled(body, path, written, beside), headers);
    expect(result?.structuredContent).toEqual({ text: 'right', clientId: 'alice' });
    expect(record).toMatchObject({ outcome: 'ok', tool: 'echo', arguments: { text: 'right' } });
  });

  test('of a duplicate key, the value that is used is also recorded', async () => {
    const { body, headers } = call();
    const twice = JSON.stringify(body).replace('"text":"right"', '"text":"first","text":"right"');
    const { result, record } = await send(twice, headers);
    expect(result?.structuredContent).toEqual({ text: 'right', clientId: 'alice' });
    expect(record).toMatchObject({ arguments: { text: 'right' } });
  });
});

const legacy = (method: string, params?: unknown) => ({
  body: { jsonrpc: '2.0', id: 'p', method, ...(params === undefined ? {} : { params }) },
  headers: {},
});

describe('parameters that do not fit their method are the client’s fault (-32602), not an internal error', () => {
  test.each([
    ['a handshake without parameters', legacy('initialize')],
    ['a version that is a number', legacy('initialize', { protocolVersion: 5 })],
    ['a handshake without capabilities', legacy('initialize', { protocolVersion: '2025-06-18' })],
    ['a cursor that is a number', legacy('tools/list', { cursor: 5 })],
    ['a cursor that is an object, 2026-07-28', modern('tools/list', { cursor: { page: 2 } }, 'p')],
    ['a cursor that was never issued', legacy('tools/list', { cursor: 'eyJwYWdlIjogMn0=' })],
    ['a cursor that was never issued, 2026-07-28', modern('tools/list', { cursor: 'garbage' }, 'p')],
    ['an empty cursor, which is valid in form', legacy('tools/list', { cursor: '' })],
    ['a call without a tool', legacy('tools/call', {})],
    ['a tool that is a number', legacy('tools/call', { name: 5 })],
    ['arguments that are a list', legacy('tools/call', { name: 'echo', arguments: [] })],
  ])('%s', async (_what, { body, headers }) => {
    const answer = await send(body, headers);
    expect(answer).toMatchObject({ status: 200, id: 'p', error: { code: -32_602 } });
    expect(answer.record).toMatchObject({ outcome: 'invalid' });
    // The member and the problem, not the dump of the schema library.
    expect(answer.error?.message).not.toMatch(/invalid_type|[{}[\]\n]/);
  });

  test('and raises no alarm for errors', async () => {
    expect(await app.logText()).not.toContain('"level":"error"');
  });
});

describe('error codes', () => {
  /** −32000…−32019 is old, −32020…−32099 is reserved for the protocol (MCP 2026-07-28, Error Codes). */
  const DEFINED = [-32_020, -32_021, -32_022];
  const reserved = (code: number) => code <= -32_000 && code >= -32_099 && !DEFINED.includes(code);

  test('of ours are integers outside the range that is reserved for the protocol', () => {
    const codes = Object.values(ERRORS).flatMap(
      ({ jsonRpcCode }: { jsonRpcCode?: number }) => jsonRpcCode ?? [],
    );
    expect(codes.length).toBeGreaterThan(15);
    for (const code of codes) {
      expect(Number.isInteger(code)).toBe(true);
      expect(reserved(code)).toBe(false);
    }
  });

  test('of every refusal of a 2026-07-28 request are those of the protocol, or outside its range', async () => {
    const list = modern('tools/list');
    const { body, headers } = modern('tools/call', CALL);
    const meta = body.params._meta;
    const version = 'io.modelcontextprotocol/protocolVersion';
    const refused = [
      await send(body, {}),
      await send(body, { ...headers, 'mcp-name': 'fails' }),
      await send({ ...body, params: CALL }, headers),
      await send(
        { ...body, params: { ...CALL, _meta: { ...meta, [version]: '2099-01-01' } } },
        { ...headers, 'mcp-protocol-version': '2099-01-01' },
      ),
      await send({ ...body, id: null }, headers),
      await send({ ...body, jsonrpc: '1.0' }, headers),
      await send('{', headers),
      await send([body], headers),
      await send(modern('nope').body, modern('nope').headers),
      await send(modern('tools/call', { name: 'nope' }).body, { ...headers, 'mcp-name': 'nope' }),
      await send(list.body, { ...list.headers, authorization: '' }),
      await send(list.body, { ...list.headers, authorization: 'Bearer wrong' }),
      await send(list.body, { ...list.headers, origin: 'null' }),
      await send(list.body, { ...list.headers, 'content-type': 'text/plain' }),
      await send(' '.repeat(5000), list.headers),
    ];
    for (const { status, error } of refused) {
      expect([status, error]).toEqual([status, { ...error, code: expect.any(Number) }]);
      expect(reserved(error?.code ?? 0)).toBe(false);
    }
    expect(new Set(refused.map(({ error }) => error?.code)).size).toBeGreaterThan(6);
  });
});
