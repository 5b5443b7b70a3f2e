import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import type { RequestContext } from '../../../service/http/context.ts';
import { escapeLineEnds } from '../../../service/http/line-ends.ts';
import { sendStream } from '../../../service/http/send-response.ts';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => void (server?.close(() => resolve()) ?? resolve())));

/** The text that a client reads from a stream in these parts, and the recorded number of bytes. */
async function sent(parts: readonly Uint8Array[]): Promise<{ text: string; bytes: number; read: number }> {
  const app = express();
  const context = { resultBytes: 0, ended: new AbortController().signal } as RequestContext;
  app.get('/', async (_request, response) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    }).getReader();
    await sendStream(await stream.read(), stream, response, context);
  });
  await new Promise<void>((resolve) => {
    server = app.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = (server as Server).address() as AddressInfo;
  const body = Buffer.from(await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer());
  return { text: body.toString(), bytes: context.resultBytes, read: body.length };
}

const EVENT = 'event: message\ndata: {"text":"\u2028é\u0085😀\u2029"}\n\n';
const ESCAPED = 'event: message\ndata: {"text":"\\u2028é\\u0085😀\\u2029"}\n\n';

test.each([1, 2, 3, 5, 1000])(
  'an event in parts of %i bytes is sent with every line end escaped',
  async (size) => {
    const whole = Buffer.from(EVENT);
    const parts = Array.from(
      { length: Math.ceil(whole.length / size) },
      (_, index) => new Uint8Array(whole.subarray(index * size, (index + 1) * size)),
    );
    const { text, bytes, read } = await sent(parts);
    expect(text).toBe(ESCAPED);
    expect(bytes).toBe(read);
  },
);

test('a byte order mark in an event is kept', async () => {
  expect((await sent([Buffer.from('\ufeffdata: 1\n\n')])).text).toBe('\ufeffdata: 1\n\n');
});

test('a page of nothing but line ends blocks the event loop for less than 50 ms', () => {
  const json = JSON.stringify({ text: '\u0085\u2028'.repeat(210_000), structured: '\u2029'.repeat(350_000) });
  const times = Array.from({ length: 5 }, () => {
    const { user, system } = process.cpuUsage();
    const escaped = escapeLineEnds(json);
    const spent = process.cpuUsage({ user, system });
    expect(escaped.length).toBeGreaterThan(json.length);
    return (spent.user + spent.system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});
