import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../../service/errors.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import { type Message, messagesOf } from '../support/events.ts';
import {
  type AuditRecord,
  callOf,
  modern,
  type RunningApp,
  type StartOptions,
  startApp,
} from '../support/start-app.ts';
import { TEST_TOOLS } from '../support/tools.ts';

/** The text that a client reads for a fault of this server: the request to quote is the record's. */
function internal(record: AuditRecord | undefined) {
  const text = `${ERRORS.internal_error.message}; quote request ${record?.['requestId']} to the operator`;
  return { code: -32_603, message: text };
}

/** A tool with a mistake that only the SDK notices, before or after a progress report. */
const BROKEN: Tool = {
  name: 'broken',
  title: 'broken',
  description: 'broken for tests',
  input: z.strictObject({ steps: z.int() }),
  output: z.object({}),
  scopes: ['echo'],
  deadlineMs: 2000,
  async handle(input, { progress }) {
    if (input['steps'] === 1) progress(1);
    return { text: { hunter: 2 } as unknown as string, structured: {} };
  },
};
const REGION: Tool = {
  ...(TEST_TOOLS[0] as Tool),
  name: 'regional',
  input: z.strictObject({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
  handle: async () => ({ text: 'done', structured: {} }),
};

const started: RunningApp[] = [];
async function start(options: StartOptions): Promise<RunningApp> {
  const running = await startApp(options);
  started.push(running);
  return running;
}

let app: RunningApp;
beforeAll(async () => {
  app = await start({ tools: [...TEST_TOOLS, BROKEN, REGION], toolLimitPerMinute: 10_000 });
});
afterAll(async () => {
  for (const each of started) await each.stop();
});

type Headers = Record<string, string | undefined>;

/** The last message of the response, and the only record of the request. */
async function send(body: unknown, headers: Headers = {}) {
  const response = await app.post(body, headers);
  const text = await response.text();
  const stream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const messages = stream ? messagesOf(text) : text === '' ? [] : [JSON.parse(text) as Message];
  return { response, text, messages, last: messages.at(-1), record: await recordOf(response) };
}

async function recordOf(response: Response): Promise<AuditRecord> {
  for (let tries = 0; tries < 100; tries++) {
    const id = response.headers.get('x-request-id');
    const [record, ...more] = (await app.audit(0)).filter(({ requestId }) => requestId === id);
    expect(more).toEqual([]);
    if (record !== undefined) return record;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('no audit record');
}

type Era = (method: string, params?: Record<string, unknown>, meta?: object) => readonly [object, Headers];

const ERAS: Readonly<Record<string, Era>> = {
  '2026-07-28': (method, params = {}, meta = {}) => {
    const message = modern(method, params);
    Object.assign(message.body.params._meta, meta);
    return [message.body, message.headers] as const;
  },
  '2025-11-25': (method, params = {}, meta = {}) => {
    const all = { ...params, ...(Object.keys(meta).length > 0 ? { _meta: meta } : {}) };
    return [
      { jsonrpc: '2.0', id: 1, method, params: all },
      { 'mcp-protocol-version': '2025-11-25' },
    ] as const;
  },
};

describe.each(Object.entries(ERAS))('in %s', (era, message) => {
  test('a method that does not exist is 404, but 200 for clients that treat 404 as a lost session', async () => {
    const { response, last, record } = await send(...message('no/such'));
    expect(response.status).toBe(era === '2026-07-28' ? 404 : 200);
    expect(last).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32_601, message: ERRORS.method_unknown.message },
    });
    expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'method_unknown', method: 'no/such' });
  });

  test.each([
    ['a list', 'tools/list', { cursor: 5 }, 'params.cursor: Invalid input: expected string, received number'],
    ['a call', 'tools/call', { name: 5 }, 'params.name: Invalid input: expected string, received number'],
  ])(
    'params that do not fit %s are the client’s fault, each named, without a dump',
    async (_what, method, params, detail) => {
      const { response, last, text, record } = await send(...message(method, params));
      expect([response.status, last?.error]).toEqual([
        200,
        { code: -32_602, message: `${ERRORS.params_invalid.message}: ${detail}` },
      ]);
      expect(text).not.toMatch(/invalid_type|\\n/);
      expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'params_invalid', reason: detail });
    },
  );

  test('an invalid result is this server’s fault: no part of it is sent, and the log has it', async () => {
    const { response, last, text, record } = await send(
      ...message('tools/call', { name: 'broken', arguments: { steps: 0 } }),
    );
    expect([response.status, last?.error]).toEqual([500, internal(record)]);
    expect(text).not.toMatch(/hunter|invalid|content/);
    expect(record).toMatchObject({
      outcome: 'error',
      errorCode: 'internal_error',
      reason: expect.stringContaining('result'),
    });
    const logged = (await app.logText())
      .split('\n')
      .find((line) => line.includes(String(record['requestId'])) && !line.includes('call_started'));
    expect(logged).toContain('Invalid tools/call result');
  });

  test('after progress the same error ends the stream', async () => {
    const call = { name: 'broken', arguments: { steps: 1 } };
    const { response, messages, text, record } = await send(
      ...message('tools/call', call, { progressToken: 1 }),
    );
    expect(response.status).toBe(200);
    expect(messages).toEqual([
      expect.objectContaining({ method: 'notifications/progress' }),
      { jsonrpc: '2.0', id: 1, error: internal(record) },
    ]);
    expect(text).not.toMatch(/hunter|invalid|content/);
    expect(record).toMatchObject({ outcome: 'error', errorCode: 'internal_error', resultBytes: text.length });
  });

  test('a call on a stream that is refused before any progress gets its status and JSON', async () => {
    const call = { name: 'nope', arguments: {} };
    const { response, last, record } = await send(...message('tools/call', call, { progressToken: 1 }));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(last?.error).toEqual({ code: -32_602, message: ERRORS.tool_unknown.message });
    expect(record['errorCode']).toBe('tool_unknown');
  });
});

test.each([[{ protocolVersion: 5, capabilities: {} }], [{}], [undefined]])(
  'a handshake with params %j is invalid, and raises no alarm for errors',
  async (params) => {
    const { last, record } = await send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect(last?.error?.code).toBe(-32_602);
    expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'params_invalid' });
  },
);

test('an older version that is not supported gets the list of supported ones', async () => {
  const { response, last, record } = await send(callOf('echo'), { 'mcp-protocol-version': '1999-01-01' });
  const supported = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];
  expect([response.status, last]).toEqual([
    400,
    {
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32_022,
        message: `${ERRORS.unsupported_protocol_version.message}: ${supported.join(', ')}`,
        data: { supported, requested: '1999-01-01' },
      },
    },
  ]);
  expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'unsupported_protocol_version' });
});

describe('a header that differs from the body is named', () => {
  const call = modern('tools/call', { name: 'regional', arguments: { region: 'eu' } });
  const param = { 'mcp-param-region': 'eu' };
  test.each<[string, Headers]>([
    ['MCP-Protocol-Version: 2026-07-28', { 'mcp-protocol-version': '2025-11-25' }],
    ['MCP-Protocol-Version: 2026-07-28', { 'mcp-protocol-version': undefined }],
    ['Mcp-Method', { 'mcp-method': 'tools/list' }],
    ['Mcp-Method', { 'mcp-method': undefined }],
    ['Mcp-Name', { 'mcp-name': 'echo' }],
    ['Mcp-Name', { 'mcp-name': undefined }],
    ['Mcp-Name', { 'mcp-name': '=?base64?%%?=' }],
    ['Mcp-Param-Region', { 'mcp-param-region': 'us' }],
    ['Mcp-Param-Region', { 'mcp-param-region': undefined }],
  ])('%s in %j', async (header, headers) => {
    const { response, last, record } = await send(call.body, { ...call.headers, ...param, ...headers });
    expect([response.status, last?.error]).toEqual([
      400,
      { code: -32_020, message: `${ERRORS.header_mismatch.message}: ${header}` },
    ]);
    expect(record).toMatchObject({ outcome: 'invalid', errorCode: 'header_mismatch', reason: header });
  });

  test('and its value, which may be a secret argument, reaches no log', async () => {
    const { record } = await send(call.body, { ...call.headers, 'mcp-param-region': 'hunter2-hunter2' });
    expect(record['errorCode']).toBe('header_mismatch');
    expect(app.auditText() + (await app.logText())).not.toContain('hunter2-hunter2');
  });

  test('and is no call', async () => {
    expect((await send(call.body, { ...call.headers, ...param })).last).toHaveProperty('result');
  });
});

test('text of a client makes no response long', async () => {
  const long = 'x'.repeat(3000);
  const { body, headers } = modern('tools/list', { [long]: 1 });
  for (const [text, more] of [
    [{ ...body, [long]: 1 }, headers],
    [
      {
        ...body,
        params: { _meta: { ...body.params._meta, 'io.modelcontextprotocol/protocolVersion': long } },
      },
      {},
    ],
    [
      {
        ...body,
        params: { _meta: { ...body.params._meta, 'io.modelcontextprotocol/clientInfo': { [long]: 1 } } },
      },
      headers,
    ],
    [callOf(long), {}],
    [{ jsonrpc: '2.0', id: 1, method: long }, {}],
  ] as [object, Headers][]) {
    const { last, text: answer } = await send(text, more);
    expect(last?.error).toBeDefined();
    expect(answer.length).toBeLessThan(600);
  }
});

test.each(Object.entries(ERAS))(
  'in %s a failure before the tools is logged and reveals nothing',
  async (_era, message) => {
    const broken = await start({
      createDirect: () => () => undefined,
      createServer: () => {
        throw new Error('no such host db.internal');
      },
    });
    const response = await broken.post(...message('tools/list'));
    expect([response.status, (await response.json()) as unknown]).toEqual([
      500,
      { jsonrpc: '2.0', id: 1, error: internal((await broken.audit())[0]) },
    ]);
    expect(await broken.audit()).toMatchObject([{ outcome: 'error', errorCode: 'internal_error' }]);
    expect(await broken.logText()).toContain('no such host db.internal');
  },
);

describe('a message nested too deeply', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const list = (levels: number) => {
    const { body, headers } = modern('tools/list');
    const text = JSON.stringify(body).replace(
      'Capabilities":{}',
      `Capabilities":{"experimental":${nested(levels)}}`,
    );
    return [text, headers] as const;
  };

  test('is refused before the recursive check of a schema', async () => {
    expect((await send(...list(61))).record['errorCode']).toBe('body_too_deep');
    expect((await send(...list(60))).record.outcome).toBe('ok');
  });

  test('raises no alarm for errors, however deep', async () => {
    const deep = await start({ transport: { maxBodyBytes: 1024 * 1024 } });
    const response = await deep.post(...list(100_000));
    expect(response.status).toBe(400);
    expect(await deep.audit()).toMatchObject([{ outcome: 'invalid', errorCode: 'body_too_deep' }]);
  });
});

/** A sequence of numbers from 0 to 1 that is the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const JUNK = [null, 0, 1.5, '', 'x', true, [], [1], {}, { a: 1 }, { __proto__: null }, '\u0000', 2 ** 60];
const METHODS = [
  ...['tools/list', 'tools/call', 'initialize', 'ping', 'server/discover', 'resources/read', 'prompts/get'],
  ...[
    'completion/complete',
    'logging/setLevel',
    'subscriptions/listen',
    'tasks/get',
    'sampling/createMessage',
  ],
  ...['notifications/cancelled', 'notifications/progress', 'constructor', '__proto__', 'tools/call ', ''],
];

/** A valid message of one era or the other with up to three of its members replaced by junk or removed. */
function hostile(next: () => number): readonly [object, Headers] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
  const params = {
    ...{ name: pick(['echo', 'nope', 'progresses', 'constructor', 'regional']), arguments: { text: '1' } },
    ...(next() < 0.2 ? { cursor: pick(JUNK), requestState: pick(JUNK), uri: 'test://x' } : {}),
  };
  const make = pick(Object.values(ERAS));
  const [body, headers] = make(
    pick(METHODS),
    params,
    next() < 0.3 ? { progressToken: pick(['p', 1, {}]) } : {},
  );
  const message = structuredClone(body) as Record<string, unknown>;
  const sent: Record<string, string | undefined> = { ...headers };
  for (let changes = Math.floor(next() * 4); changes > 0; changes--) {
    const inner = (message['params'] ?? {}) as Record<string, unknown>;
    const target = pick([message, inner, inner['_meta'] ?? {}, inner['arguments'] ?? {}, sent]);
    const key = pick([...Object.keys(target as object), 'id', 'result']);
    const value =
      target === sent ? pick(['', 'x', '2099-01-01', '1', undefined]) : pick([...JUNK, undefined]);
    if (typeof target === 'object') Object.assign(target as object, { [key]: value });
  }
  return [message, sent];
}

test('a thousand hostile messages each get a row of the table and one record, and nothing internal', async () => {
  const next = random(20_261_125);
  const sent = new Map<unknown, { message: readonly [object, Headers]; status: number; text: string }>();
  for (let round = 0; round < 50; round++) {
    const batch = Array.from({ length: 20 }, async () => {
      const message = hostile(next);
      const response = await app.post(...message);
      const text = await response.text();
      sent.set(response.headers.get('x-request-id'), { message, status: response.status, text });
    });
    await Promise.all(batch);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  const records = (await app.audit(0)).filter(({ requestId }) => sent.has(requestId));
  expect(records).toHaveLength(sent.size);
  expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(sent.size);
  for (const { requestId, outcome, errorCode } of records) {
    const { message, status, text } = sent.get(requestId) as {
      message: unknown;
      status: number;
      text: string;
    };
    const last = text.startsWith('event:') ? messagesOf(text).at(-1) : text === '' ? {} : JSON.parse(text);
    const got = { message, status, outcome, code: last?.error?.code, text: last?.error?.message };
    if (errorCode === undefined) {
      expect(got).toEqual({ message, status: text === '' ? 202 : 200, outcome: 'ok' });
      continue;
    }
    const row = { legacyStatus: undefined, jsonRpcCode: undefined, ...ERRORS[errorCode as ErrorCode] };
    expect(got).toEqual({
      message,
      status: status === row.legacyStatus ? status : row.status,
      outcome: row.outcome,
      code: row.jsonRpcCode,
      text: row.jsonRpcCode === undefined ? undefined : expect.stringContaining(row.message),
    });
    expect(text).not.toMatch(/-320[01]\d\b|invalid_type|node_modules|\bat \S+:\d+:\d+/);
    expect(errorCode).not.toBe('internal_error');
  }
  expect(new Set(records.map(({ errorCode }) => errorCode))).toEqual(
    new Set([
      ...[undefined, 'input_invalid', 'tool_unknown', 'params_invalid', 'method_unknown', 'meta_invalid'],
      ...['message_not_accepted', 'header_mismatch', 'unsupported_protocol_version'],
    ]),
  );
}, 60_000);
