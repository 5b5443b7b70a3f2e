import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modern, type RunningApp, startApp } from '../support/start-app.ts';
import { entry } from '../support/tokens.ts';
import { TEST_TOOLS } from '../support/tools.ts';

const CLIENTS = {
  both: ['echo', 'admin'],
  one: ['echo'],
  other: ['admin', 'of-another-service'],
  none: ['of-another-service'],
} as const;
const token = (name: string) => `${name}-0123456789-abcdefghijklmnopq`;

let app: RunningApp;
beforeAll(async () => {
  const tools = TEST_TOOLS.map((tool) =>
    tool.name === 'fails'
      ? { ...tool, scopes: ['admin'] }
      : tool.name === 'limited'
        ? { ...tool, scopes: ['echo', 'admin'] }
        : tool,
  );
  const document = JSON.stringify({
    tokens: Object.entries(CLIENTS).map(([name, scopes]) => entry(token(name), name, [...scopes])),
  });
  app = await startApp({ tools, tokenDocument: async () => document });
});
afterAll(() => app.stop());

interface List {
  readonly result: { readonly tools: { readonly name: string }[]; readonly [key: string]: unknown };
}

const LEGACY = { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers: {} };

async function list(client: string, { body, headers } = modern('tools/list') as typeof LEGACY) {
  const response = await app.post(body, { ...headers, authorization: `Bearer ${token(client)}` });
  return ((await response.json()) as List).result;
}
const namesOf = ({ tools }: List['result']) => tools.map(({ name }) => name);

const ALL = ['echo', 'fails', 'hangs', 'limited', 'progresses', 'refuses', 'waits'];

test.each([
  ['both', ALL],
  ['one', ALL.filter((name) => !['fails', 'limited'].includes(name))],
  ['other', ['fails']],
  ['none', []],
])(
  'a client with the scopes of %s sees exactly the tools that it may call, in order, in both eras',
  async (client, expected) => {
    for (let round = 0; round < 2; round++) {
      expect(namesOf(await list(client))).toEqual(expected);
      expect(namesOf(await list(client, LEGACY))).toEqual(expected);
    }
  },
);

test('clients that ask at once each get their own list', async () => {
  const clients = Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? 'one' : 'other'));
  const lists = await Promise.all(clients.map((client) => list(client)));
  expect(lists.map(({ tools }) => tools.length)).toEqual(clients.map((client) => (client === 'one' ? 5 : 1)));
});

test('a list is the same text every time, and no shared cache may keep it', async () => {
  const first = await list('both');
  expect(JSON.stringify(await list('both'))).toBe(JSON.stringify(first));
  expect(first).toMatchObject({ cacheScope: 'private', ttlMs: 60_000 });
});

test('a tool that is not listed is refused with all required scopes, not as unknown', async () => {
  const { body, headers } = modern('tools/call', { name: 'limited', arguments: { text: 'x' } });
  const response = await app.post(body, { ...headers, authorization: `Bearer ${token('one')}` });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain(
    'error="insufficient_scope", scope="echo admin"',
  );
});
