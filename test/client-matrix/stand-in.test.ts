import { afterEach, expect, test } from '@jest/globals';
import { type ModelStandIn, startModel } from '../clients/models/stand-in.ts';

const SCRIPT = [
  { name: 'scrape_url', args: { url: 'https://example.com/1' } },
  { name: 'scrape_url', args: { url: 'https://example.com/2' } },
];
const LAST_WORD = 'That is all.';

let model: ModelStandIn | undefined;
afterEach(() => model?.stop());

/** Requests in the form of each API: with the tools, and with the shown results. */
const APIS = [
  {
    api: 'messages of Anthropic',
    path: '/v1/messages?beta=true',
    tool: 'mcp__hardened__scrape_url',
    body: (shown: readonly string[]) => ({
      tools: [{ name: 'Read' }, { name: 'mcp__hardened__scrape_url' }],
      messages: [
        { role: 'user', content: 'Read the pages.' },
        ...shown.map((text) => ({
          role: 'user',
          content: [{ type: 'tool_result', content: [{ type: 'text', text }] }],
        })),
      ],
    }),
  },
  {
    api: 'responses of OpenAI',
    path: '/v1/responses',
    tool: '"name":"scrape_url","namespace":"mcp__hardened"',
    body: (shown: readonly string[]) => ({
      tools: [{ type: 'namespace', name: 'mcp__hardened', tools: [{ name: 'scrape_url' }] }],
      input: shown.map((output) => ({ type: 'function_call_output', output })),
    }),
  },
  {
    api: 'chat completions of OpenAI',
    path: '/v1/chat/completions',
    tool: 'hardened_scrape_url',
    body: (shown: readonly string[]) => ({
      tools: [{ type: 'function', function: { name: 'hardened_scrape_url' } }],
      messages: shown.map((content) => ({ role: 'tool', content })),
    }),
  },
  {
    api: 'generateContent of Gemini',
    path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    tool: 'mcp_hardened_scrape_url',
    body: (shown: readonly string[]) => ({
      tools: [{ functionDeclarations: [{ name: 'mcp_hardened_scrape_url' }] }],
      contents: shown.map((output) => ({ parts: [{ functionResponse: { response: { output } } }] })),
    }),
  },
];

test.each(APIS)(
  'the $api ask for one call after the other, and record the result that is shown',
  async (each) => {
    model = await startModel(SCRIPT);
    const { origin, seen } = model;
    const ask = async (shown: readonly string[]) => {
      const body = JSON.stringify(each.body(shown));
      return (await fetch(origin + each.path, { method: 'POST', body })).text();
    };
    const first = await ask([]);
    expect(first).toContain(each.tool);
    expect(first).toContain('https://example.com/1');
    expect(await ask(['page one'])).toContain('https://example.com/2');
    const last = await ask(['page one', 'page two']);
    expect(last).toContain(LAST_WORD);
    expect(last).not.toContain('example.com');
    expect(seen().results).toEqual(['page one', 'page two']);
    expect(seen().tools.some((tool) => tool.startsWith('scrape_url') || tool.endsWith('scrape_url'))).toBe(
      true,
    );
  },
);

test('a request for a title, which has no tools, gets a final message and is not recorded', async () => {
  model = await startModel(SCRIPT);
  const { origin, seen } = model;
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'A title, please.' }] });
  const answer = await (await fetch(`${origin}/v1/messages`, { method: 'POST', body })).text();
  expect(answer).toContain(LAST_WORD);
  expect(seen()).toEqual({ tools: [], results: [] });
});
