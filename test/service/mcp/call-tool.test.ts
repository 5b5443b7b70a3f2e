import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ruleOf } from '../../../service/logging/recorded-arguments.ts';
import { served } from '../../../service/mcp/served-tool.ts';
import { answerOf, callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { abortReasonOf, tool } from '../support/tools.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

async function call(name: string, input?: unknown) {
  const response = await app.post(callOf(name, input));
  return { status: response.status, body: await answerOf(response) };
}

describe('a tool call', () => {
  test('returns text and structured content', async () => {
    const { body } = await call('echo', { text: 'hello' });
    expect(body.result.content).toEqual([{ type: 'text', text: 'hello' }]);
    expect(body.result.structuredContent).toEqual({ text: 'hello', clientId: 'alice' });
  });

  test('an exception of a tool never reaches the client; the operator finds it by the request id', async () => {
    const { body } = await call('fails');
    const text = body.result.content[0]?.text ?? '';
    expect(body.result.isError).toBe(true);
    expect(text).toMatch(/^The tool failed; quote request [0-9a-f-]{36} to the operator$/);
    expect(JSON.stringify(body)).not.toMatch(/postgres|hunter2|10\.0\.0\.5/);
    const logged =
      (await app.logText()).split('\n').find((line) => line.includes('"event":"tool_failed"')) ?? '';
    expect(logged).toContain(/[0-9a-f-]{36}/.exec(text)?.[0]);
    expect(logged).not.toContain('hunter2');
  });

  test('the error of a tool is logged without its message if an argument may not be recorded', async () => {
    const fails = tool('lookup', async ({ text }) => {
      throw new Error(`no row for ${text}`);
    });
    const other = await startApp({ tools: [{ ...served(fails), recording: ruleOf('none') }] });
    await other.post(callOf('lookup', { text: 'ann-4711' }));
    await other.audit(1);
    expect(await other.logText()).toContain('"event":"tool_failed"');
    expect(await other.logText()).not.toContain('4711');
    await other.stop();
  });

  test('a refusal is one generic sentence for the client and has its reason in the audit record', async () => {
    const { body } = await call('refuses');
    expect(body.result).toEqual({
      content: [{ type: 'text', text: 'This URL may not be fetched from here' }],
      isError: true,
    });
    const record = (await app.audit()).find(({ tool }) => tool === 'refuses');
    expect(record).toMatchObject({
      outcome: 'denied',
      errorCode: 'url_refused',
      reason: '10.0.0.1 is private',
    });
  });

  test('a handler that ignores its signal ends at its deadline', async () => {
    const started = performance.now();
    const { body } = await call('hangs');
    expect(performance.now() - started).toBeLessThan(1500);
    const ended = (await app.audit()).find(({ tool }) => tool === 'hangs');
    expect(await abortReasonOf(String(ended?.['requestId']))).toBe('deadline_exceeded');
    expect(body.result).toMatchObject({
      isError: true,
      content: [{ text: 'The call did not finish in time' }],
    });
    expect((await app.audit()).find(({ tool }) => tool === 'hangs')).toMatchObject({ outcome: 'timeout' });
  });

  test.each([
    ['a wrong type', { text: 1 }],
    ['a missing argument', {}],
    ['an unknown argument', { text: 'x', extra: true }],
    ['too long an argument', { text: 'x'.repeat(1001) }],
    ['no object', 'text'],
  ])('%s is a tool error that names the argument, and the handler does not run', async (_what, input) => {
    const response = await app.post(JSON.stringify(callOf('echo', input)));
    const body = await answerOf(response);
    if (body.error) expect(body.error.code).toBe(-32602);
    else
      expect(body.result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('do not fit') }],
      });
    expect((await app.audit()).at(-1)).toMatchObject({ outcome: 'invalid' });
  });

  test.each(['nope', '__proto__', 'constructor', 'toString', ''])(
    'the unknown tool %j is JSON-RPC -32602',
    async (name) => {
      expect((await call(name)).body.error).toMatchObject({ code: -32602 });
    },
  );

  test('a __proto__ argument reaches neither the handler nor any prototype', async () => {
    const { body } = await call('echo', JSON.parse('{"text":"x","__proto__":{"admin":true}}'));
    expect(body.result.structuredContent).toEqual({ text: 'x', clientId: 'alice' });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('scope is checked before the arguments are parsed', async () => {
    const response = await app.post(callOf('echo', { text: 1 }), {
      authorization: `Bearer ${TOKENS.noScope}`,
    });
    expect(response.status).toBe(403);
  });

  test.each(['legacy', 'modern'])('a client that disconnects cancels the handler, %s era', async (era) => {
    const running = await startApp();
    const message = modern('tools/call', { name: 'waits', arguments: { text: '1500' } });
    const sent = era === 'modern' ? message : { body: callOf('waits', { text: '1500' }), headers: {} };
    const client = request(running.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${TOKENS.alice}`,
        ...sent.headers,
      },
    });
    client.on('error', () => {});
    client.end(JSON.stringify(sent.body));
    setTimeout(() => client.destroy(), 150);
    const [record] = await running.audit();
    expect(record).toMatchObject({ tool: 'waits', outcome: 'tool_error', errorCode: 'cancelled' });
    expect(record?.['durationMs']).toBeLessThan(1000);
    expect(await abortReasonOf(String(record?.['requestId']))).toBe('cancelled');
    await running.stop();
  });
});
