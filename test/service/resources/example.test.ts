import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExample } from '../../../service/resources/example.ts';
import { readOf } from '../support/items.ts';
import { type RunningApp, startApp } from '../support/start-app.ts';
import { entry } from '../support/tokens.ts';

const TOKENS = { reader: 'reader-0123456789-abcdefghijklmno', other: 'other-0123456789-abcdefghijklmnop' };

let app: RunningApp;
beforeAll(async () => {
  const tokens = [entry(TOKENS.reader, 'reader', ['example']), entry(TOKENS.other, 'other', ['another'])];
  app = await startApp({
    resources: [createExample(1000)],
    tokenDocument: async () => JSON.stringify({ tokens }),
  });
});
afterAll(() => app.stop());

const read = (uri: string, token = TOKENS.reader) =>
  app.post(readOf(uri), { authorization: `Bearer ${token}` });

describe('the resource example', () => {
  test('returns the meaning of a term', async () => {
    expect(await (await read('example://glossary/scope')).json()).toMatchObject({
      result: { contents: [{ mimeType: 'text/plain', text: expect.stringContaining('A right') }] },
    });
  });

  test.each(['missing', 'toString', '__proto__'])('does not know the term %s', async (term) => {
    expect(await (await read(`example://glossary/${term}`)).json()).toMatchObject({
      error: { message: expect.stringContaining('Unknown resource') },
    });
  });

  test('is refused to a client without its scope', async () => {
    expect((await read('example://glossary/scope', TOKENS.other)).status).toBe(403);
  });
});
