// biome-ignore-all lint/style/noExcessiveLinesPerFile: one case for each row of the table
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode, ServiceError } from '../../service/errors.ts';
import { type ConcurrencyLimits, createConcurrencyLimits } from '../../service/limits/concurrency-limits.ts';
import { createFixtureDirect, createFixtureFactory, createFixtures } from '../conformance/fixtures/index.ts';
import { createFetchPage } from '../support/fetch-page.ts';
import { ORDER_VALUES, orderTool } from '../support/fixture-tools.ts';
import { type LoopbackServer, startServer } from '../support/network.ts';
import { startTool } from '../support/start-tool.ts';
import { accessList } from './support/access.ts';
import { EXCHANGE_VALUES, exchangeTool } from './support/exchange-tool.ts';
import { getOf, readOf, TEST_PROMPTS, TEST_RESOURCES } from './support/items.ts';
import { startOAuthApp } from './support/oauth-app.ts';
import {
  type AuditRecord,
  callOf,
  modern,
  type RunningApp,
  type StartOptions,
  startApp,
} from './support/start-app.ts';
import { entry, TOKENS } from './support/tokens.ts';
import { tool } from './support/tools.ts';
import { ECHO, send, startLegacy } from './upstream/servers.ts';
import { offersOf, pinned, pinnedPrompt, pinnedResource, type WallOptions } from './upstream/wall.ts';

/** One row of the table, provoked from outside. A new row needs an entry in CASES. */
interface Case {
  readonly provoke: () => Promise<Provoked>;
  /** Text in addition to the row's. */
  readonly detail?: string | RegExp;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  /** @default 1 */
  readonly records?: 0;
}

interface Provoked {
  readonly app: RunningApp;
  /** Absent if the client is gone before the response; the app has then seen one request only. */
  readonly response?: Response;
}

const started: RunningApp[] = [];
/** A pipeline for one case. */
async function start(options: StartOptions = {}): Promise<RunningApp> {
  const app = await startApp(options);
  started.push(app);
  return app;
}

let app: RunningApp;
let pages: RunningApp;
let site: LoopbackServer;
beforeAll(async () => {
  site = await startServer((incoming, outgoing) => {
    if (incoming.url === '/slow') return;
    if (incoming.url === '/moved') {
      outgoing.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      return;
    }
    const type = incoming.url === '/image' ? 'image/png' : 'text/html';
    outgoing.writeHead(200, { 'content-type': type });
    outgoing.end('<title>Hi</title>');
  });
  app = await start();
  const localOrigins = [site.origin, 'http://127.0.0.1:1'];
  const options = { allowedDomains: [], localOrigins, maxBytes: 100_000, timeoutMs: 1000 };
  pages = await start({ tools: [createFetchPage(options)] });
});
afterAll(async () => {
  for (const each of started) await each.stop();
  await site.close();
});

/** One request in a form that fetch cannot send. */
async function raw(to: RunningApp, headers: Record<string, string>, method = 'POST'): Promise<Provoked> {
  const message = request(to.url, {
    method,
    headers: { authorization: `Bearer ${TOKENS.alice}`, ...headers },
  });
  message.end();
  const [answer] = (await once(message, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  const received = Object.entries(answer.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return { app: to, response: new Response(text, { status: answer.statusCode ?? 0, headers: received }) };
}

/** One POST to the shared pipeline. */
async function post(body: unknown, headers: Record<string, string | undefined> = {}): Promise<Provoked> {
  return { app, response: await app.post(body, headers) };
}

async function fetchPage(url: string): Promise<Provoked> {
  return { app: pages, response: await pages.post(callOf('fetch_page', { url })) };
}

/** A call of a tool that fails so. */
function failing(code: ErrorCode, detail?: string): Promise<Provoked> {
  const own = tool('fails', () =>
    Promise.reject(new ServiceError(code, detail === undefined ? {} : { detail })),
  );
  return on({ tools: [own] }, callOf('fails'));
}

/** The response of a pipeline that is made for it. */
async function on(options: StartOptions, body: unknown, headers = {}, times = 1): Promise<Provoked> {
  const running = await start(options);
  for (let i = 1; i < times; i++) await (await running.post(body, headers)).text();
  return { app: running, response: await running.post(body, headers) };
}

const LIST = modern('tools/list');
const META = 'io.modelcontextprotocol/';
const listWith = (meta: Record<string, unknown>) => ({
  ...LIST.body,
  params: { _meta: { ...LIST.body.params._meta, ...meta } },
});

/** Two slots, one for each client; these clients have taken theirs. */
function takenBy(...clients: string[]): ConcurrencyLimits {
  const limits = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 2, largeBodies: 2 }, 1);
  for (const client of clients) void limits.maxConcurrent.enter(client, new AbortController().signal);
  return limits;
}

/** A call of a tool whose server responds like this, and lists this. */
async function behind(respond: Parameters<typeof startLegacy>[0], listed: object = ECHO): Promise<Provoked> {
  const server = await startLegacy(respond, () => [listed]);
  const provoked = await on(offersOf(server, { locked: [pinned()] }), callOf('echo'));
  server.stop();
  return provoked;
}

/** The same for what its server does not offer any more. */
async function behindItems(items: WallOptions, message: object): Promise<Provoked> {
  const server = await startLegacy(() => {});
  const provoked = await on(offersOf(server, items), message);
  server.stop();
  return provoked;
}

const ITEMS = { resources: TEST_RESOURCES, prompts: TEST_PROMPTS };

const CASES: Readonly<Record<ErrorCode, Case>> = {
  host_not_allowed: { provoke: () => raw(app, { host: 'evil.example' }) },
  origin_not_allowed: { provoke: () => post(LIST.body, { origin: 'https://evil.example' }) },
  method_not_allowed: { provoke: () => raw(app, {}, 'GET'), headers: { allow: 'POST' } },
  not_acceptable: { provoke: () => post(LIST.body, { accept: 'text/html' }) },
  unsupported_media_type: { provoke: () => post(LIST.body, { 'content-type': 'text/plain' }) },
  body_too_large: { provoke: () => post(' '.repeat(5000)), detail: 'at most 4096 bytes' },
  body_not_read: {
    provoke: async () => {
      const running = await start();
      const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
      const token = `Authorization: Bearer ${TOKENS.alice}`;
      const head = ['POST /mcp HTTP/1.1', 'Host: 127.0.0.1', token, 'Content-Type: application/json'];
      socket.write([...head, 'Content-Length: 100', '', '{"jsonrpc"'].join('\r\n'));
      setTimeout(() => socket.destroy(), 200);
      return { app: running };
    },
  },
  body_too_deep: { provoke: () => post(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`) },
  message_not_accepted: { provoke: () => post({ ...LIST.body, id: 1.5 }), detail: 'id: Invalid input' },
  expectation_failed: {
    provoke: () => raw(app, { 'content-type': 'application/json', expect: 'the-unexpected' }),
  },
  parse_error: { provoke: () => post('{') },
  batch_not_supported: { provoke: () => post([LIST.body]) },
  header_mismatch: {
    provoke: () => post(LIST.body, { ...LIST.headers, 'mcp-method': 'tools/call' }),
    detail: 'Mcp-Method',
  },
  capability_missing: {
    provoke: () => {
      const fixtures = createFixtures();
      const { body, headers } = modern('tools/call', { name: 'test_missing_capability', arguments: {} });
      const document = JSON.stringify({ tokens: [entry(TOKENS.alice, 'alice', ['conformance'])] });
      return on(
        {
          tools: fixtures.tools,
          createFactory: (options) => createFixtureFactory(fixtures, options),
          createDirect: (options) => createFixtureDirect(fixtures, options),
          tokenDocument: async () => document,
        },
        body,
        headers,
      );
    },
    detail: 'sampling',
    data: { requiredCapabilities: { sampling: {} } },
  },
  unsupported_protocol_version: {
    provoke: () =>
      post(listWith({ [`${META}protocolVersion`]: '2099-01-01' }), {
        ...LIST.headers,
        'mcp-protocol-version': '2099-01-01',
      }),
    detail: '2026-07-28',
    data: { supported: ['2026-07-28'], requested: '2099-01-01' },
  },
  meta_invalid: {
    provoke: () => post(listWith({ [`${META}clientCapabilities`]: 'all' }), LIST.headers),
    detail: `${META}clientCapabilities: Invalid input: expected object, received string`,
  },
  params_invalid: {
    provoke: () => post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: 5 } }),
    detail: 'params.cursor: Invalid input: expected string, received number',
  },
  method_unknown: { provoke: () => post(modern('no/such').body, modern('no/such').headers) },
  tool_unknown: { provoke: () => post(callOf('nope')) },
  resource_unknown: {
    provoke: () => on(ITEMS, readOf('test://nope')),
    data: { uri: 'test://nope' },
  },
  prompt_unknown: { provoke: () => on(ITEMS, getOf('nope')) },
  token_missing: {
    provoke: () => post(LIST.body, { authorization: undefined }),
    headers: { 'www-authenticate': 'Bearer realm="mcp"' },
  },
  token_malformed: {
    provoke: () => post(LIST.body, { authorization: 'Bearer two words' }),
    headers: { 'www-authenticate': 'Bearer realm="mcp", error="invalid_request"' },
  },
  token_invalid: {
    provoke: () => post(LIST.body, { authorization: `Bearer ${TOKENS.expired}` }),
    headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
  },
  access_denied: {
    provoke: async () => {
      const deny = { tools: [{ id: 'echo', reason: 'incident 7' }] };
      return on({ access: await accessList(deny) }, callOf('echo'));
    },
    detail: 'tool echo',
  },
  insufficient_scope: {
    provoke: () => post(callOf('echo'), { authorization: `Bearer ${TOKENS.noScope}` }),
    detail: 'echo',
    headers: { 'www-authenticate': 'Bearer realm="mcp", error="insufficient_scope", scope="echo"' },
  },
  address_rate_limited: {
    provoke: () =>
      on({ authFailureLimitPerMinute: 1 }, LIST.body, { authorization: `Bearer ${TOKENS.expired}` }, 2),
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  client_rate_limited: {
    provoke: () => on({ clientLimitPerMinute: 1 }, callOf('echo'), {}, 2),
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  tool_rate_limited: {
    provoke: () => on({ toolLimitPerMinute: 1 }, callOf('echo'), {}, 2),
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  resource_rate_limited: {
    provoke: () => on({ ...ITEMS, toolLimitPerMinute: 1 }, readOf('test://plain'), {}, 2),
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  prompt_rate_limited: {
    provoke: () => on({ ...ITEMS, toolLimitPerMinute: 1 }, getOf('greet', { name: 'A' }), {}, 2),
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  client_busy: {
    provoke: () => on({ concurrency: takenBy('alice') }, callOf('echo')),
    headers: { 'retry-after': '1' },
  },
  server_busy: {
    provoke: () => on({ concurrency: takenBy('bob', 'carol') }, callOf('echo')),
    headers: { 'retry-after': '1' },
  },
  audit_unavailable: {
    provoke: () => on({ auditLog: { admit: () => false, record: () => {} } }, callOf('echo')),
    headers: { 'retry-after': '5' },
    records: 0,
  },
  secret_unavailable: {
    provoke: () => on({ tokenDocument: async () => 'not a list' }, LIST.body),
    headers: { 'retry-after': '5' },
  },
  limits_unavailable: {
    provoke: () => {
      const refuse = async () => {
        throw new ServiceError('limits_unavailable', { headers: { 'Retry-After': '1' } });
      };
      return on({ limiter: { consume: refuse, close: () => {} } }, LIST.body);
    },
    headers: { 'retry-after': '1' },
  },
  shutting_down: {
    provoke: async () => {
      const running = await start();
      const answer = running.post(callOf('waits', { text: '1900' }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await running.drain(0);
      return { app: running, response: await answer };
    },
  },
  issuer_unavailable: {
    provoke: async () => {
      const running = await startOAuthApp({ issuer: 'http://127.0.0.1:1' });
      started.push(running);
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })}.${part({})}.${part({})}`;
      return { app: running, response: await running.post(LIST.body, { authorization: `Bearer ${token}` }) };
    },
    headers: { 'retry-after': '5' },
  },
  internal_error: {
    provoke: () =>
      on({ verifier: { verify: () => Promise.reject(new Error('postgres://admin:hunter2@db')) } }, LIST.body),
  },
  resource_changed: {
    provoke: () => behindItems({ resources: [pinnedResource({ uri: 'a://b', name: 'b' })] }, readOf('a://b')),
  },
  prompt_changed: { provoke: () => behindItems({ prompts: [pinnedPrompt({ name: 'p' })] }, getOf('p')) },
  resource_failed: { provoke: () => on(ITEMS, readOf('test://fails')) },
  prompt_failed: { provoke: () => on(ITEMS, getOf('fails')) },

  input_invalid: { provoke: () => post(callOf('echo', { text: 1 })), detail: /^✖ .* → at text$/ },
  url_refused: { provoke: () => fetchPage('http://10.0.0.1/') },
  redirect_refused: { provoke: () => fetchPage(`${site.origin}/moved`) },
  selector_invalid: {
    provoke: () => failing('selector_invalid', 'Parenthesis not matched'),
    detail: 'Parenthesis not matched',
  },
  content_unsupported: { provoke: () => fetchPage(`${site.origin}/image`) },
  content_too_complex: { provoke: () => failing('content_too_complex') },
  upstream_failed: { provoke: () => fetchPage('http://127.0.0.1:1/') },
  fetch_failed: {
    provoke: async () => {
      const network = { resolve: () => Promise.reject(new Error('hunter2')) };
      const order = await startTool(orderTool, { ...ORDER_VALUES, network });
      return on({ tools: [order] }, callOf('order', { customer: 'c-1' }));
    },
  },
  upstream_token_refused: {
    provoke: async () => {
      const crm = await startTool(exchangeTool(), { ...EXCHANGE_VALUES, issuer: 'http://127.0.0.1:1' });
      return on({ tools: [crm], exchangesTokens: true }, callOf('crm', {}));
    },
  },
  tool_changed: { provoke: () => behind(() => {}, { ...ECHO, description: 'Another' }) },
  server_unavailable: { provoke: () => behind((_message, response) => response.destroy()) },
  server_refused: {
    provoke: () =>
      behind(({ id }, response) => send(response, { id, error: { code: -32_000, message: 'hunter2' } })),
  },
  result_not_accepted: {
    provoke: () => behind(({ id }, response) => send(response, { id, result: { content: 'hunter2' } })),
  },
  deadline_exceeded: { provoke: () => fetchPage(`${site.origin}/slow`) },
  cancelled: {
    provoke: async () => {
      const running = await start();
      const gone = new AbortController();
      setTimeout(() => gone.abort(), 200);
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${TOKENS.alice}`,
      };
      const body = JSON.stringify(callOf('waits', { text: '1900' }));
      await fetch(running.url, { method: 'POST', headers, body, signal: gone.signal }).catch(() => {});
      return { app: running };
    },
  },
  tool_failed: { provoke: () => post(callOf('fails')) },
};

/** The audit records of the provoked errors, once there are as many as expected and no more arrive. */
async function recordsOf({ app: running, response }: Provoked, expected: number): Promise<AuditRecord[]> {
  const id = response?.headers.get('x-request-id');
  for (let tries = 0; ; tries++) {
    const all = await running.audit(0);
    const records = all.filter(({ requestId }) => id === undefined || requestId === id);
    if ((records.length >= expected && tries > 1) || tries > 100) return records;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the row', () => {
  test.each(Object.keys(ERRORS) as ErrorCode[])(
    '%s is returned and recorded as in the table',
    async (code) => {
      const { provoke, detail = '', headers = {}, data, records = 1 } = CASES[code];
      const { status, jsonRpcCode, message, outcome } = { jsonRpcCode: undefined, ...ERRORS[code] };
      const provoked = await provoke();
      const { response } = provoked;
      if (response !== undefined) {
        expect(response.status).toBe(status);
        expect(response.headers.get('content-type')).toBe('application/json');
        expect(Object.fromEntries(response.headers)).toMatchObject(headers);
        const { jsonrpc, error, result } = JSON.parse(await response.text());
        expect(jsonrpc).toBe('2.0');
        const told = withoutNumbers(error?.message ?? result.content[0].text, response, { status, outcome });
        const [text, more = ''] = divide(told, message);
        const retry = response.headers.get('retry-after');
        const known = {
          ...(data as object),
          ...(retry === null ? {} : { retryAfterSeconds: Number(retry) }),
        };
        if (jsonRpcCode === undefined) {
          expect(result).toEqual({ content: [{ type: 'text', text: expect.anything() }], isError: true });
        } else {
          expect(error).toEqual({
            code: jsonRpcCode,
            message: expect.anything(),
            ...(Object.keys(known).length > 0 ? { data: known } : {}),
          });
        }
        expect(text).toBe(message);
        if (typeof detail === 'string') expect(more).toBe(detail);
        else expect(more).toMatch(detail);
      }
      const found = await recordsOf(provoked, records);
      expect(found.map((record) => [record.outcome, record['errorCode']])).toEqual(
        Array.from({ length: records }, () => [outcome, code]),
      );
    },
  );
});

/**
 * A text without the ending that its kind of row adds, because clients show texts but no headers: the seconds to
 * wait (429 and 503), or the request to quote (a fault of this server).
 */
function withoutNumbers(text: string, response: Response, row: { status: number; outcome: string }): string {
  const seconds = response.headers.get('retry-after');
  const waits = row.status === 429 || row.status === 503;
  if (!waits && row.outcome !== 'error') {
    expect(seconds).toBeNull();
    return text;
  }
  expect(waits ? seconds : null).toEqual(waits ? expect.stringMatching(/^[1-9]\d*$/) : null);
  const id = response.headers.get('x-request-id');
  const ending = waits ? `; retry in ${seconds} s` : `; quote request ${id} to the operator`;
  expect(text.slice(-ending.length)).toBe(ending);
  return text.slice(0, -ending.length);
}

/** The text of the row, with the addition. */
function divide(text: string, row: string): string[] {
  return text.startsWith(`${row}: `) ? [row, text.slice(row.length + 2)] : [text];
}
