import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import type { ToolResult } from '../../../service/tools/tool.ts';
import { createTurns } from '../../../service/turns.ts';
import { type LoopbackServer, startServer } from '../../support/network.ts';
import { messagesOf } from '../support/events.ts';
import { type Answer, answerOf, callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { tool } from '../support/tools.ts';
import { readPageText } from './support/page-text.ts';
import { createScrapers } from './support/scrapers.ts';

/** Bytes that the official Python client reads of one event. */
const PYTHON_EVENT = 512 * 1024;
const MIB = 1024 * 1024;

const text = (name: string, result: ToolResult<unknown>, more: object = {}) =>
  tool(name, async () => result as ToolResult<never>, { output: undefined, ...more });

let site: LoopbackServer;
let app: RunningApp;
beforeAll(async () => {
  site = await startServer((request, response) => {
    const unit = decodeURIComponent(request.url?.slice(1) ?? '');
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(Buffer.from(unit.repeat(Math.ceil(MIB / Buffer.byteLength(unit)))).subarray(0, MIB));
  });
  const engine = createDirectEngine({
    allowedDomains: [],
    localOrigins: [site.origin],
    maxBytes: MIB,
    turns: createTurns(),
  });
  const scrapers = createScrapers(engine, { deadlineMs: 15_000 }).map((each) => ({
    ...each,
    scopes: ['echo'],
  }));
  app = await startApp({
    tools: [
      ...scrapers,
      text('plain', { text: 'a\ud83d' }),
      text('talks', { text: 'x', structured: {} }),
      text('silent', { text: 'x' }, { output: z.object({}) }),
    ],
  });
});
afterAll(async () => {
  await app.stop();
  await site.close();
});

const ask = async (name: string, input: object = {}): Promise<Answer> =>
  answerOf(await app.post(callOf(name, input)));

test('tools with text results are listed without an output schema, others with one', async () => {
  const { result } = await answerOf(await app.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
  const { tools } = result as unknown as {
    tools: { name: string; outputSchema?: object; annotations: object }[];
  };
  const withSchema = tools.filter(({ outputSchema }) => outputSchema !== undefined).map(({ name }) => name);
  expect(withSchema).toContain('silent');
  for (const name of ['scrape_url', 'scrape_with_selector', 'plain']) expect(withSchema).not.toContain(name);
  for (const { annotations } of tools) expect(Object.values(annotations)).toHaveLength(4);
});

test('the text of a tool is well formed', async () => {
  expect((await ask('plain', { text: 'x' })).result).toEqual({
    content: [{ type: 'text', text: 'a\ufffd' }],
  });
});

test.each(['talks', 'silent'])(
  '%s returns data that its schema does not allow, or none: a fault of the tool',
  async (name) => {
    const { error } = await ask(name, { text: 'x' });
    expect(error).toMatchObject({ code: -32603 });
  },
);

test('an argument name with half a character is reported well formed', async () => {
  const { result } = await ask('scrape_url', {
    url: 'https://a.org/',
    '\ud83d': 1,
    [`${'x'.repeat(457)}😀`]: 1,
  });
  expect(result.isError).toBe(true);
  expect(result.content[0]?.text.isWellFormed()).toBe(true);
});

describe.each([
  ['plain text', 'word '],
  ['three bytes a character', '漢'],
  ['what JSON escapes', '"\\'],
  ['private use', '\ue000'],
])('a page of 1 MiB of %s', (_name, unit) => {
  const url = () => `${site.origin}/${encodeURIComponent(unit)}`;
  /** The text of the response, and the bytes of its last event. */
  async function scrape(part: object, meta: object = {}) {
    const call = { name: 'scrape_url', arguments: { url: url(), ...part }, _meta: meta };
    const { body, headers } = modern('tools/call', call);
    const answer = await (await app.post(body, headers)).text();
    const last = answer.startsWith('{')
      ? (JSON.parse(answer) as Answer)
      : (messagesOf(answer).at(-1) as unknown as Answer);
    return { ...readPageText(last.result.content[0]?.text ?? ''), bytes: Buffer.byteLength(answer), answer };
  }

  test('is returned in parts, none of which is longer than the official Python client reads', async () => {
    const first = await scrape({}, { progressToken: 'p' });
    expect(first).toMatchObject({ startIndex: 0, next: 20_000, truncated: true });
    expect(first.content).toHaveLength(20_000);
    expect(first.bytes).toBeLessThan(PYTHON_EVENT / 4);
    const longest = await scrape({ maxCharacters: 170_000 }, { progressToken: 'p' });
    expect(longest.bytes).toBeLessThan(PYTHON_EVENT);
  });

  test('appears once in its response', async () => {
    const { answer, content } = await scrape({ maxCharacters: 200 });
    const piece = JSON.stringify(content).slice(1, -1);
    expect(answer.split(piece)).toHaveLength(2);
    expect(answer).not.toContain('structuredContent');
  });

  test('is complete when its parts are joined', async () => {
    let whole = '';
    for (let next: number | undefined = 0; next !== undefined; ) {
      const part = await scrape({ startIndex: next, maxCharacters: 300_000 });
      whole += part.content;
      expect(part.next === undefined || part.next === whole.length).toBe(true);
      if (part.next === undefined) expect(part.totalCharacters).toBe(whole.length);
      next = part.next;
    }
    expect(whole.startsWith(unit.repeat(1000))).toBe(true);
    expect(Buffer.byteLength(whole)).toBeGreaterThan(MIB - 4);
  });
});

test('parts are cut between characters, at every requested index', async () => {
  const scrape = async (part: object) => {
    const { result } = await ask('scrape_url', {
      url: `${site.origin}/${encodeURIComponent('😀')}`,
      ...part,
    });
    return readPageText(result.content[0]?.text ?? '');
  };
  const first = await scrape({ maxCharacters: 101 });
  expect(first.content).toMatch(/^(?:😀){50,51}$/u);
  expect(first.next).toBe(first.content.length);
  expect((await scrape({ startIndex: first.next, maxCharacters: 100 })).content).toBe('😀'.repeat(50));
  expect((await scrape({ startIndex: 1, maxCharacters: 100 })).content.isWellFormed()).toBe(true);
});
