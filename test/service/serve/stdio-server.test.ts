import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createChallenge } from '../../../service/auth/challenge.ts';
import { ERRORS } from '../../../service/errors.ts';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';
import type { AuditEvent } from '../../../service/logging/audit-log.ts';
import { createToolCaller } from '../../../service/mcp/call-tool.ts';
import { serveDesktopClient } from '../../../service/serve/stdio-server.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import type { Message } from '../support/events.ts';
import { createMemoryLog } from '../support/oauth-app.ts';
import { callOf, modern } from '../support/start-app.ts';
import { TEST_TOOLS } from '../support/tools.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** A desktop client's end of the connection. */
function open({ full = false, tools = TEST_TOOLS }: { full?: boolean; tools?: readonly Tool[] } = {}) {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: 'utf8' });
  const records: AuditEvent[] = [];
  const limiter = createSlidingWindow(() => performance.now());
  const logger = createMemoryLog();
  const challenge = createChallenge();
  const served = serveDesktopClient({
    tools,
    callTool: createToolCaller({
      tools,
      limiter,
      limitPerMinute: 1000,
      challenge,
      logger,
      started: () => {},
    }),
    auditLog: { admit: () => !full, record: (event) => void records.push(event) },
    version: '0.0.0',
    input,
    output,
    stopped: new Promise(() => {}),
  });
  let said = '';
  output.on('data', (text) => {
    said += text;
  });
  stops.push(async () => {
    input.end();
    await served;
  });
  return {
    records,
    input,
    served,
    said: () => said,
    /** Sends messages. @returns the response to the last */
    async ask(...messages: readonly { readonly id?: unknown }[]): Promise<Message> {
      input.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
      for (let tries = 0; tries < 200; tries++) {
        const answers = said
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Message]));
        const answer = answers.find(({ id }) => id === messages.at(-1)?.id);
        if (answer !== undefined) return answer;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`no answer: ${said}`);
    },
  };
}

const { body: LIST } = modern('tools/list', {}, 7);
const withVersion = (version: unknown) => {
  const meta = { ...LIST.params._meta, 'io.modelcontextprotocol/protocolVersion': version };
  return { ...LIST, params: { _meta: meta } };
};

describe('a refusal over standard input and output', () => {
  test.each([
    ['an unknown method', 'method_unknown', [INITIALIZE, { jsonrpc: '2.0', id: 7, method: 'no/such' }]],
    [
      'params that do not fit',
      'params_invalid',
      [INITIALIZE, { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { cursor: 5 } }],
    ],
    ['an unknown tool', 'tool_unknown', [INITIALIZE, callOf('nope', {}, 7)]],
    ['a version that is not supported', 'unsupported_protocol_version', [withVersion('2099-01-01')]],
    ['a _meta that does not fit', 'meta_invalid', [withVersion(5)]],
    ['a missing _meta', 'meta_invalid', [modern('tools/list').body, { ...LIST, params: {} }]],
  ] as const)('for %s is the row %s, with one record', async (_what, code, messages) => {
    const client = open();
    const { error } = await client.ask(...(messages as unknown as { id: number }[]));
    const { jsonRpcCode, message, outcome } = ERRORS[code];
    expect(error).toMatchObject({ code: jsonRpcCode, message: expect.stringContaining(message) });
    expect(JSON.stringify(error)).not.toMatch(/invalid_type/);
    const { method } = messages.at(-1) as unknown as { method: string };
    expect(client.records).toMatchObject([{ clientId: 'stdio', method, outcome, errorCode: code }]);
  });
});

test.each([
  ['params', { params: null }],
  ['_meta', { params: { _meta: null } }],
  ['a member of _meta', { params: { _meta: { progressToken: null } } }],
  ['cursor', { params: { cursor: null } }],
])('a null %s over standard input counts as absent', async (_what, more) => {
  const client = open();
  const answer = await client.ask(INITIALIZE, {
    ...{ jsonrpc: '2.0', id: 7, method: 'tools/list' },
    ...more,
  });
  expect(answer.result).toMatchObject({ tools: expect.any(Array) });
});

describe('when the audit buffer is full', () => {
  test('a tool call is refused and does not run', async () => {
    let ran = 0;
    const tools = TEST_TOOLS.map((tool) => ({
      ...tool,
      handle: async () => {
        ran += 1;
        return { text: '', structured: {} };
      },
    }));
    const { jsonRpcCode: code, message } = ERRORS.audit_unavailable;
    const client = open({ full: true, tools });
    expect((await client.ask(INITIALIZE, callOf('echo', { text: 'x' }, 7))).error).toEqual({
      code,
      message: `${message}; retry later`,
    });
    expect(ran).toBe(0);
    expect((await open({ tools }).ask(INITIALIZE, callOf('echo', { text: 'x' }, 7))).error).toBeUndefined();
    expect(ran).toBe(1);
  });

  test('a refusal reports that too, because it cannot be recorded', async () => {
    const { jsonRpcCode: code, message } = ERRORS.audit_unavailable;
    const client = open({ full: true });
    const { error } = await client.ask(INITIALIZE, { id: 7, ...{ jsonrpc: '2.0', method: 'no/such' } });
    expect(error).toEqual({ code, message: `${message}; retry later` });
    expect(client.records).toEqual([]);
  });
});

describe('a line over standard input', () => {
  const { jsonRpcCode, message } = ERRORS.body_too_large;
  const flood = (piece: string, times: number) => (input: PassThrough) => {
    for (let i = 0; i < times; i++) input.emit('data', Buffer.from(piece));
  };

  test.each([
    ['beyond 1 MiB', flood('x'.repeat(65_536), 17), 'at most 1048576 bytes a line'],
    ['in many small pieces', flood('x', 5000), 'in fewer, larger pieces'],
  ])('%s without an end ends the connection, with one record', async (_what, send, detail) => {
    const client = open();
    await client.ask(INITIALIZE);
    send(client.input);
    await client.served;
    const last = JSON.parse(client.said().split('\n').at(-2) ?? '') as Message;
    const error = { code: jsonRpcCode, message: `${message}: ${detail}` };
    expect(last).toEqual({ jsonrpc: '2.0', id: null, error });
    expect(client.records).toMatchObject([
      { clientId: 'stdio', outcome: 'invalid', errorCode: 'body_too_large' },
    ]);
  });

  test('of 1 MiB gets a response, and so do a thousand lines at once', async () => {
    const client = open();
    const text = 'x'.repeat(1_000_000);
    expect((await client.ask(INITIALIZE, callOf('echo', { text }, 7))).result).toBeDefined();
    const many = Array.from({ length: 1000 }, (_, i) => callOf('echo', { text: 'x' }, 100 + i));
    expect((await client.ask(...many)).error).toBeUndefined();
  });
});
