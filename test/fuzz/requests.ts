import fc from 'fast-check';
import { MUTATIONS, type Mutation, mutated } from '../service/support/mutated-requests.ts';
import { callOf, modern } from '../service/support/start-app.ts';
import { HAS_SCRAPER, LISTED, PAGE_TOOL } from '../support/page-tool.ts';

/** Bytes of one request on the wire. */
export interface FuzzRequest {
  /** Whether the bytes are complete HTTP: they must get a response, and the connection stays usable. */
  readonly framed: boolean;
  /** Whether it is for `/mcp`, so that its response has an id and there is a record; undefined for damaged bytes. */
  readonly audited: boolean;
  readonly bytes: Buffer;
}

const METHODS = [
  'tools/call',
  'tools/call',
  'tools/call',
  'tools/list',
  'server/discover',
  'initialize',
  'ping',
  'resources/read',
  'x',
  '',
];
const ENDPOINTS = ['/mcp', '/mcp?token=x', 'http://mcp.example.com/mcp'];
const TARGETS = [...ENDPOINTS, '/mcp/', '/MCP', '/', '/healthz', '//mcp', '*'];
const VERBS = ['GET', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'HEAD'];
/** Addresses that only records of complete requests may have: damaged ones come from another. */
export const FRAMED_SOURCES: readonly string[] = [
  '203.0.113.7',
  '6.6.6.6',
  '::1',
  '5.6.7.8',
  // The peer of the connection, if there is no header.
  '127.0.0.1',
];
const DAMAGED_SOURCE = '198.51.100.7';
/** Size of a head that the server accepts; a larger one never reaches the service. */
const MAX_HEAD_BYTES = 16 * 1024;

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['host', ['mcp.example.com', 'evil.example', '127.0.0.1', 'mcp.example.com:443', '[::1]', '']],
  ['content-type', ['application/json; charset=utf-8', 'text/plain', 'application/json; charset=utf-16', '']],
  ['accept', ['application/json', 'text/event-stream', '*/*', 'text/html', 'application/json;q=0']],
  [
    'authorization',
    ['Bearer x', 'Basic eDp4', 'Bearer', 'bearer ', 'Bearer a b', `Bearer ${'a'.repeat(9000)}`],
  ],
  ['origin', ['https://evil.example', 'null', 'https://mcp.example.com']],
  ['x-forwarded-for', ['6.6.6.6', '::1', 'x', '1.2.3.4, 5.6.7.8', ',,,']],
  ['content-encoding', ['gzip', 'identity', 'br']],
  ['expect', ['100-continue', 'x']],
  ['mcp-session-id', ['x']],
  ['__proto__', ['x']],
  ['cookie', ['a=b']],
  ['last-event-id', ['1']],
];

const allowed = fc.constantFrom('https://example.com/', 'http://example.com/a?b#c');
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.webUrl(),
  fc.constantFrom('http://127.0.0.1/', 'file:///etc/passwd', ''),
  allowed,
);
const headerEdit = fc
  .constantFrom(...HEADERS)
  .chain(([name, values]) =>
    fc.record({ name: fc.constant(name), value: fc.constantFrom(...values), add: fc.boolean() }),
  );
const damage = fc.record({
  // Not a double: those of fast-check are below 1e-100 as often as above, which is the first byte.
  at: fc.nat({ max: 9999 }).map((part) => part / 10_000),
  cut: fc.nat({ max: 20 }),
  put: fc.uint8Array({ maxLength: 8 }),
});

const mostly = (usual: string, others: readonly string[]) =>
  fc.oneof(
    { weight: 19, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const FORMATS = HAS_SCRAPER ? { format: fc.constantFrom('html', 'text', 'markdown') } : {};

/** A request that is mostly valid, with a few faults; one in ten has damaged bytes. */
export function requests(token: string): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      verb: mostly('POST', VERBS),
      target: mostly('/mcp', TARGETS),
      method: fc.constantFrom(...METHODS),
      isModern: fc.boolean(),
      params: fc.oneof(
        fc.record({
          name: fc.constantFrom(...LISTED, 'x'),
          arguments: fc.record({ url: text, selector: text }, { requiredKeys: [] }),
        }),
        fc.record({
          name: fc.constant(PAGE_TOOL),
          arguments: fc.record({ url: allowed, ...FORMATS }),
        }),
        fc.object(),
      ),
      id: fc.oneof(fc.integer(), text),
      mutations: fc.array(fc.constantFrom<Mutation>(...MUTATIONS), { maxLength: 3 }),
      edits: fc.array(headerEdit, { maxLength: 2 }),
      body: seldom(fc.oneof(fc.json(), fc.string(), fc.constant(''))),
      damages: seldom(fc.array(damage, { minLength: 1, maxLength: 4 })),
    })
    .map(({ verb, target, method, isModern, params, id, mutations, edits, body, damages }) => {
      const base = isModern
        ? modern(method, params, id)
        : { body: { ...callOf('x'), method, params, id }, headers: {} };
      const message = mutated(base as ReturnType<typeof modern>, mutations);
      const content = Buffer.from(body ?? message.body);
      const headers: [string, string][] = [
        ['host', 'mcp.example.com'],
        ['authorization', `Bearer ${token}`],
        ['content-type', 'application/json'],
        ['accept', 'application/json, text/event-stream'],
        ['x-forwarded-for', '203.0.113.7'],
        ...message.headers,
      ];
      for (const { name, value, add } of edits) {
        const known = headers.find(([each]) => each === name);
        if (known === undefined || add) headers.push([name, value]);
        else known[1] = value;
      }
      if (damages !== null) {
        for (const each of headers) if (each[0] === 'x-forwarded-for') each[1] = DAMAGED_SOURCE;
      }
      const lines = [...headers, ['content-length', String(content.length)]].map(
        ([name, value]) => `${name}: ${value}`,
      );
      const head = Buffer.from(`${verb} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      const bytes = Buffer.concat([head, content]);
      if (damages !== null) return { framed: false, audited: false, bytes: damages.reduce(damaged, bytes) };
      const framed = head.length <= MAX_HEAD_BYTES;
      return { framed, audited: framed && ENDPOINTS.includes(target), bytes };
    });
}

function damaged(bytes: Buffer, { at, cut, put }: { at: number; cut: number; put: Uint8Array }): Buffer {
  const start = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + cut)]);
}
