import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { examine } from '../src/examine.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

type Answer = (response: ServerResponse, message: Message, body: object) => unknown;

const json = (response: ServerResponse, body: string | Buffer, fields: Record<string, string> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...fields }).end(body);
const events = (response: ServerResponse, body: object, end: string) =>
  response
    .writeHead(200, { 'content-type': 'Text/Event-Stream; charset=UTF-8' })
    .write([': hello', '', 'id: 1', `data: ${JSON.stringify(body)}`, '', ''].join(end));

/** A server without any control, of the handshake, that answers in its own form. */
async function startServer(answer: Answer, version = '2025-11-25') {
  const server = createServer(async (request, response) => {
    // Some of the doctor's requests never end.
    const message = messageIn(await text(request).catch(() => ''));
    const { id, method, params } = message;
    if (method === 'initialize' && version < '2025-11-25' && params?.protocolVersion !== version) {
      const error = { code: -32_602, message: `Unsupported protocol version ${params?.protocolVersion}` };
      return answer(response, message, { jsonrpc: '2.0', id, error });
    }
    const result = {
      initialize: { protocolVersion: version, capabilities: { tools: {} } },
      'tools/list': { tools: [{ name: 'add', inputSchema: { type: 'object' } }] },
    }[method ?? ''];
    const error = { code: -32_601, message: 'Method not found' };
    return answer(response, message, {
      jsonrpc: '2.0',
      id: id ?? null,
      ...(result ? { result } : { error }),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/mcp`, stop };
}

function messageIn(body: string): Message {
  try {
    return (JSON.parse(body) ?? {}) as Message;
  } catch {
    return {};
  }
}

const seen = new Set<unknown>();

test.each<{ form: string; answer: Answer; version?: string }>([
  {
    form: 'gzip',
    answer: (response, _, body) =>
      json(response, gzipSync(JSON.stringify(body)), { 'content-encoding': 'gzip' }),
  },
  {
    form: 'Brotli',
    answer: (response, _, body) =>
      json(response, brotliCompressSync(JSON.stringify(body)), { 'content-encoding': 'br' }),
  },
  {
    form: 'JSON behind a byte order mark',
    answer: (response, _, body) => json(response, `\uFEFF${JSON.stringify(body)}`),
  },
  { form: 'a list', answer: (response, _, body) => json(response, JSON.stringify([body])) },
  {
    form: 'an ID as text',
    answer: (response, { id }, body) => json(response, JSON.stringify({ ...body, id: String(id) })),
  },
  { form: 'events that end with LF', answer: (response, _, body) => events(response, body, '\n') },
  { form: 'events that end with CR LF', answer: (response, _, body) => events(response, body, '\r\n') },
  { form: 'events that end with CR', answer: (response, _, body) => events(response, body, '\r') },
  {
    form: 'nothing to an ID that comes again',
    answer(response, { id }, body) {
      if (id !== undefined && seen.has(id)) return undefined;
      seen.add(id);
      return json(response, JSON.stringify(body));
    },
  },
  {
    form: 'an error to any but an old revision',
    answer: (response, _, body) => json(response, JSON.stringify(body)),
    version: '2025-06-18',
  },
])('a server that answers with $form is judged like any other', async ({ answer, version }) => {
  const server = await startServer(answer, version);
  const only = ['authentication/missing-token', 'origin/foreign', 'json-rpc/unknown-method'];
  const { findings, notes } = await examine(server.url, { only, timeoutMs: 2000 });
  server.stop();
  expect(findings.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    ...['authentication/missing-token fail', 'origin/foreign fail', 'json-rpc/unknown-method pass'],
  ]);
  expect(notes.join()).toContain(`${version ?? '2025-11-25'} (handshake) and lists 1 tool`);
});
