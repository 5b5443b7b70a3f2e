import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExample } from '../../../service/prompts/example.ts';
import { getOf } from '../support/items.ts';
import { type RunningApp, startApp } from '../support/start-app.ts';
import { entry } from '../support/tokens.ts';

const TOKENS = { user: 'user-0123456789-abcdefghijklmnopq', other: 'other-0123456789-abcdefghijklmnop' };

let app: RunningApp;
beforeAll(async () => {
  const tokens = [entry(TOKENS.user, 'user', ['example']), entry(TOKENS.other, 'other', ['another'])];
  app = await startApp({
    prompts: [createExample(1000)],
    tokenDocument: async () => JSON.stringify({ tokens }),
  });
});
afterAll(() => app.stop());

const get = (given: object, token = TOKENS.user) =>
  app.post(getOf('example', given), { authorization: `Bearer ${token}` });

describe('the prompt example', () => {
  test('asks for a summary of the page', async () => {
    expect(await (await get({ url: 'https://example.com/' })).json()).toMatchObject({
      result: {
        messages: [
          {
            role: 'user',
            content: { text: 'Summarize https://example.com/ in English, in five sentences.' },
          },
        ],
      },
    });
  });

  test.each([{}, { url: 'x'.repeat(2049) }, { url: 'x', more: 'x' }])('refuses %.60j', async (given) => {
    expect(await (await get(given)).json()).toMatchObject({ error: { code: -32_602 } });
  });

  test('is refused to a client without its scope', async () => {
    expect((await get({ url: 'x' }, TOKENS.other)).status).toBe(403);
  });
});
