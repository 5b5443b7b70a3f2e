import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEnvelopeMemory, createFastPath, type FastPath } from '../../../service/mcp/fast-path.ts';
import type { McpServerOptions } from '../../../service/mcp/server.ts';
import { anyText } from '../../support/any-text.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';
import { MUTATIONS, type Mutation, mutated } from '../support/mutated-requests.ts';
import { modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';
import { TEST_TOOLS, tool } from '../support/tools.ts';

const tools = [
  ...TEST_TOOLS.filter(({ name }) => !['hangs', 'waits', 'progresses'].includes(name)),
  mirroring(),
];
/** The clock stands still, so that both count the same seconds. */
const shared = { tools, toolLimitPerMinute: 10_000, now: () => 1_800_000_000_000 };
const BOTH = 'application/json, text/event-stream';
const agent = new Agent({ keepAlive: true });
let direct: RunningApp;
let sdk: RunningApp;
let taken = 0;

beforeAll(async () => {
  const counted = (options: McpServerOptions): FastPath => {
    const answer = createFastPath(options);
    return (...args) => {
      const text = answer(...args);
      if (text !== undefined) taken += 1;
      return text;
    };
  };
  direct = await startApp({ ...shared, createDirect: counted });
  sdk = await startApp({ ...shared, createDirect: () => () => undefined });
});
afterAll(async () => {
  agent.destroy();
  await Promise.all([direct.stop(), sdk.stop()]);
});

/** A tool with an argument that the client must repeat in a header. */
function mirroring() {
  const [echo] = TEST_TOOLS;
  const plain = tool('mirrors', (echo as NonNullable<typeof echo>).handle as never);
  const text = plain.input.shape['text'] as NonNullable<(typeof plain.input.shape)['text']>;
  return { ...plain, input: plain.input.extend({ text: text.meta({ 'x-mcp-header': 'Text' }) }) };
}

interface Sent {
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
  /** @default - both kinds of response */
  readonly accept?: string;
}

/** Line ends of some readers, which are escaped before they are sent. */
const LINE_ENDS = '\u0085\u2028\u2029';

/** Status, headers and body of a response, without the parts that differ in every response. */
async function answerOf(app: RunningApp, { body, headers, accept = BOTH }: Sent) {
  const raw = [
    ...['Host', '127.0.0.1', 'Authorization', `Bearer ${TOKENS.alice}`, 'Content-Type', 'application/json'],
    ...['Accept', accept, 'Content-Length', String(Buffer.byteLength(body))],
    ...headers.flat(),
  ];
  const options = { method: 'POST', agent, headers: raw as never };
  const request = httpRequest(app.url, options).end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { 'x-request-id': requestId, date: _date, ...kept } = response.headers;
  return {
    status: response.statusCode,
    headers: kept,
    text: (await text(response)).replaceAll(String(requestId), 'ID'),
  };
}

/** The records of every request, without the parts that differ in every record. */
async function recordsOf(app: RunningApp, count: number) {
  const records = await app.audit(count);
  return records.map(
    ({ time: _time, requestId: _id, durationMs: _ms, prev: _prev, hash: _hash, traceId: _trace, ...kept }) =>
      kept,
  );
}

test('thousands of requests, plain and damaged, get the same response and the same record from both', async () => {
  let sent = 0;
  const message = fc.record({
    method: fc.constantFrom(
      'tools/call',
      'tools/call',
      'tools/call',
      'tools/list',
      'server/discover',
      'ping',
      'toString',
      '__proto__',
    ),
    name: fc.constantFrom(
      'echo',
      'echo',
      'fails',
      'refuses',
      'limited',
      'mirrors',
      'nothing',
      '=?base64?ZWNobw==?=',
    ),
    input: fc.oneof(
      fc.record({ text: anyText({ maxLength: 40 }) }),
      fc.record({ text: fc.constantFrom(LINE_ENDS, `a${LINE_ENDS}`), api_key: fc.constantFrom(null, 'key') }),
      fc.record({ text: fc.string(), api_key: fc.string() }, { requiredKeys: [] }),
      fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
    ),
    id: fc.oneof(fc.integer(), fc.string(), anyText()),
    mutations: fc.array(fc.constantFrom<Mutation>(...MUTATIONS), { maxLength: 2 }),
    accept: fc.constantFrom(BOTH, BOTH, 'application/json', 'text/event-stream'),
  });
  await fc.assert(
    fc.asyncProperty(message, async ({ method, name, input, id, mutations, accept }) => {
      const params = method === 'tools/call' ? { name, arguments: input } : {};
      sent += 1;
      const request = { ...mutated(modern(method, params, id), mutations), accept };
      const [ours, theirs] = await Promise.all([answerOf(direct, request), answerOf(sdk, request)]);
      same(ours, theirs);
    }),
    { numRuns: 4000, endOnFailure: true },
  );
  expect(await recordsOf(direct, sent)).toEqual(await recordsOf(sdk, sent));
  // Enough fast responses; otherwise the test would compare the SDK with itself.
  expect(taken).toBeGreaterThan(500);
}, 120_000);

test.each([
  ['an unknown member', { more: 1 }],
  ['a request for progress', { progressToken: 1 }],
  [
    'too many characters for the cache',
    { 'io.modelcontextprotocol/clientInfo': { name: 'x'.repeat(2048), version: '1' } },
  ],
])('an envelope with %s is left to the SDK', async (_what, more) => {
  const { body } = mutated(modern('tools/list', {}, 1), []);
  const { params, ...rest } = JSON.parse(body);
  const before = taken;
  const send = (meta: object) =>
    answerOf(direct, {
      body: JSON.stringify({ ...rest, params: { ...params, _meta: meta } }),
      headers: mutated(modern('tools/list', {}, 1), []).headers,
    });
  expect((await send(params._meta)).status).toBe(200);
  expect(taken).toBe(before + 1);
  expect((await send({ ...params._meta, ...more })).status).toBe(200);
  expect(taken).toBe(before + 1);
});

test('an envelope with a trace, which differs in every request, is not left to the SDK', async () => {
  const before = taken;
  for (const parent of ['b7ad6b7169203331', '00f067aa0ba902b7']) {
    const { body, headers } = modern('tools/list');
    const _meta = { ...body.params._meta, traceparent: `00-0af7651916cd43dd8448eb211c80319c-${parent}-01` };
    expect((await direct.post({ ...body, params: { ...body.params, _meta } }, headers)).status).toBe(200);
  }
  expect(taken).toBe(before + 2);
});

test('of 1,001 different envelopes 1,000 are cached', () => {
  const memory = createEnvelopeMemory();
  for (let each = 0; each <= 1000; each++) memory.set(String(each), true);
  expect(memory.size).toBe(1000);
  expect(memory.has('0')).toBe(false);
});
