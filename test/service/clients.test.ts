import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Tool } from '../../service/tools/tool.ts';
import { connectV1, connectV2, PINNED } from '../support/sdk-clients.ts';
import { messagesOf } from './support/events.ts';
import { type Answer, answerOf, callOf, modern, type RunningApp, startApp } from './support/start-app.ts';
import { entry, TOKENS } from './support/tokens.ts';
import { TEST_TOOLS } from './support/tools.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const CLIENTS = {
  'the v1 SDK’s client (2025-11-25)': () => connectV1(app.url, TOKENS.alice),
  'the v2 SDK’s client by default (handshake)': () => connectV2(app.url, TOKENS.alice),
  'the v2 SDK’s client pinned to 2026-07-28': () => connectV2(app.url, TOKENS.alice, PINNED),
  'the v2 SDK’s client that asks for the newest revision first': async () => {
    const client = await connectV2(app.url, TOKENS.alice, 'auto');
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    return client;
  },
} as const;

describe.each(Object.entries(CLIENTS))('%s', (_name, connect) => {
  test('lists the tools in order, with schemas', async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'echo',
      'fails',
      'hangs',
      'limited',
      'progresses',
      'refuses',
      'waits',
    ]);
    expect(tools[0]?.inputSchema).toMatchObject({
      type: 'object',
      required: ['text'],
      additionalProperties: false,
    });
    await client.close();
  });

  test('calls a tool and gets text and structured content', async () => {
    const client = await connect();
    const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
    expect(result).toMatchObject({
      content: [{ type: 'text', text: 'hello' }],
      structuredContent: { text: 'hello', clientId: 'alice' },
    });
    await client.close();
  });

  test('gets a tool error as a result and a refusal as an error', async () => {
    const client = await connect();
    expect(await client.callTool({ name: 'fails', arguments: { text: 'x' } })).toMatchObject({
      isError: true,
    });
    await expect(client.callTool({ name: 'nope', arguments: {} })).rejects.toThrow();
    await client.close();
  });
});

test('a client with a wrong token does not connect', async () => {
  await expect(connectV1(app.url, 'wrong')).rejects.toThrow();
});

test('two hundred clients with the same JSON-RPC id and different tokens, all at once, each get their own responses', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `client-${i}`);
  const token = (name: string) => `${name}-0123456789-abcdefghijkl`;
  const document = JSON.stringify({ tokens: names.map((name) => entry(token(name), name, ['echo'])) });
  const doors = new EventEmitter().setMaxListeners(0);
  let inside = 0;
  const [echo] = TEST_TOOLS as [Tool];
  const meet: Tool = {
    ...echo,
    name: 'meet',
    deadlineMs: 40_000,
    // No client gets a response before the last one has called; each client calls three times.
    async handle({ text }, { client: { id: clientId }, progress }) {
      progress(1);
      inside += 1;
      if (inside === 3 * names.length) setImmediate(() => doors.emit('open'));
      await once(doors, 'open');
      return { text: String(text), structured: { text, clientId } };
    },
  };
  const crowd = await startApp({ tools: [meet], tokenDocument: async () => document });
  const secret = (name: string) => `only for ${name}`;
  const answers = await Promise.all(
    names.flatMap((name) => {
      const authorization = `Bearer ${token(name)}`;
      const input = { text: secret(name) };
      const message = modern('tools/call', { name: 'meet', arguments: input }, 1);
      // The third way: on a stream, because the call asks for progress.
      const streamed = callOf('meet', input, 1) as { params: object };
      Object.assign(streamed.params, { _meta: { progressToken: 1 } });
      return [
        crowd.post(message.body, { ...message.headers, authorization }).then(answerOf),
        crowd.post(callOf('meet', input, 1), { authorization }).then(answerOf),
        crowd.post(streamed, { authorization }).then(async (response) => {
          const messages = messagesOf(await response.text());
          expect(messages).toHaveLength(2);
          return messages.at(-1) as unknown as Answer;
        }),
      ];
    }),
  );
  expect(answers.map(({ id, result }) => [id, result.structuredContent])).toEqual(
    names.flatMap((name) => Array(3).fill([1, { text: secret(name), clientId: name }])),
  );
  const records = await crowd.audit(600);
  for (const name of names) {
    const own = records.filter(({ clientId }) => clientId === name);
    expect(own.map((record) => record['arguments'])).toEqual(Array(3).fill({ text: secret(name) }));
  }
  await crowd.stop();
}, 60_000);
