import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Started } from '../clients/child.ts';
import { connectV1, connectV2, PINNED } from '../support/sdk-clients.ts';
import {
  ALICE,
  BOB,
  createPlace,
  type Place,
  requireIsolation,
  type Service,
  STRANGER,
  startPeer,
  startService,
  startTap,
  type Tap,
} from './support/harness.ts';
import { PEERS as FOLDER, PYTHON } from './support/places.ts';

/** A server that this project did not write, or the library of one, and what the tests use of it. */
interface Peer {
  readonly name: string;
  readonly command: readonly string[];
  readonly port: number;
  /** Revision in which the service talks to it. */
  readonly version: string;
  readonly counts: readonly [tools: number, resources: number, prompts: number];
  readonly echo: readonly [tool: string, given: object, text: string];
  readonly image: readonly [tool: string, given: object];
  readonly error: readonly [tool: string, given: object, text: RegExp];
  readonly progress: readonly [tool: string, given: object, reports: number];
  readonly slow: readonly [tool: string, given: object];
  readonly resource: readonly [uri: string, text: RegExp];
  readonly template: readonly [uri: string, text: RegExp];
  readonly prompt: readonly [name: string, given: Record<string, string>, text: RegExp];
}

const OURS = {
  echo: ['echo', { text: 'hi' }, 'hi'],
  image: ['image', {}],
  error: ['fails', {}, /out of stock/],
  progress: ['count', {}, 3],
  slow: ['slow', {}],
  resource: ['notes://today', /a note/],
  template: ['notes://days/monday', /note of monday/],
  prompt: ['ask', { thing: 'MCP' }, /What is MCP\?/],
} as const;

const PEERS: readonly Peer[] = [
  {
    name: 'the official everything server',
    command: [
      process.execPath,
      join(FOLDER, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js'),
      'streamableHttp',
    ],
    port: 9301,
    version: '2025-11-25',
    counts: [13, 9, 4],
    echo: ['echo', { message: 'hi' }, 'Echo: hi'],
    image: ['get-tiny-image', {}],
    error: ['get-resource-reference', { resourceType: 'Text', resourceId: -1 }, /resourceId/],
    progress: ['trigger-long-running-operation', { duration: 1, steps: 4 }, 4],
    slow: ['trigger-long-running-operation', { duration: 60, steps: 1 }],
    resource: ['demo://resource/static/document/features.md', /Everything Server/],
    template: ['demo://resource/dynamic/text/7', /Resource 7/],
    prompt: ['args-prompt', { city: 'Oslo' }, /Oslo/],
  },
  {
    name: 'a server on FastMCP for TypeScript',
    command: [process.execPath, join(FOLDER, 'fastmcp.mjs'), '9302'],
    port: 9302,
    version: '2025-11-25',
    counts: [6, 2, 1],
    ...OURS,
  },
  {
    name: 'a server on the official Python SDK',
    command: [PYTHON, join(FOLDER, 'server.py'), '9303'],
    port: 9303,
    version: '2026-07-28',
    counts: [6, 2, 1],
    ...OURS,
  },
];

const CLIENTS = [
  ['the v1 SDK, which speaks 2025-11-25', connectV1],
  ['the v2 SDK, which speaks 2026-07-28', (url: string, token: string) => connectV2(url, token, PINNED)],
] as const;

/** The methods that the tests use of the clients of both SDKs, whose types differ. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string; description?: string }[] }>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>;
  getPrompt(params: { name: string; arguments: object }): Promise<{ messages: { content: object }[] }>;
  close(): Promise<void>;
}

interface Result {
  readonly content: { type: string; text?: string; data?: string; mimeType?: string }[];
  readonly isError?: boolean;
}

type Options = { signal?: AbortSignal; onprogress?: (report: { progress: number }) => void };

/** The SDKs differ in the place of the options. */
function call(
  client: AnyClient,
  [name, given]: readonly [string, object, ...unknown[]],
  options: Options = {},
) {
  const params = { name, arguments: given };
  const { callTool } = client as unknown as { callTool: (...args: unknown[]) => Promise<Result> };
  const isOld = callTool.length > 2 || 'experimental' in client;
  return isOld ? callTool.call(client, params, undefined, options) : callTool.call(client, params, options);
}

requireIsolation();

describe.each(PEERS)('$name', (peer) => {
  // Without a package index there is no Python SDK: main.ts says so.
  const run = existsSync(peer.command[0] ?? '') ? test : test.skip;
  let place: Place;
  let process_: Started;
  let tap: Tap;
  let service: Service;

  beforeAll(async () => {
    if (run === test.skip) return;
    place = createPlace();
    process_ = await startPeer(peer.command, peer.port, place.folder);
    tap = await startTap(peer.port);
    await place.pin(tap.url);
    tap.forget();
    // A deadline for the slow tool under another one would need a second lock.
    service = await startService(place, tap.url);
  }, 60_000);
  afterAll(async () => {
    await service?.stop();
    tap?.stop();
    process_?.kill();
    place?.remove();
  });

  const connect = async (open: (typeof CLIENTS)[number][1], token = ALICE) =>
    (await open(service.url, token)) as unknown as AnyClient;

  run('is pinned with its tools, resources and prompts, and is the same when it is checked', async () => {
    const { tools, resources, prompts } = place.lock();
    expect([tools.length, resources.length, prompts.length]).toEqual(peer.counts);
    expect(await place.pin(tap.url, '--check')).toEqual({ text: '', code: 0 });
  });

  describe.each(CLIENTS)('for a client of %s', (_name, open) => {
    run('lists what the lock names, and nothing to a client without scopes', async () => {
      const { tools, resources, prompts } = place.lock();
      const client = await connect(open);
      const names = (items: { name: string }[]) => items.map(({ name }) => name).sort();
      expect(names((await client.listTools()).tools)).toEqual(names(tools));
      expect(names((await client.listPrompts()).prompts)).toEqual(names(prompts));
      const uris = [
        ...(await client.listResources()).resources.map(({ uri }) => uri),
        ...(await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      ];
      expect(uris.sort()).toEqual(resources.map(({ uri, uriTemplate }) => uri ?? uriTemplate).sort());
      await client.close();
      const none = await connect(open, STRANGER);
      expect((await none.listTools()).tools).toEqual([]);
      expect((await none.listResources()).resources).toEqual([]);
      expect((await none.listPrompts()).prompts).toEqual([]);
      await none.close();
    });

    run('calls tools: text, image, error', async () => {
      const client = await connect(open);
      expect((await call(client, peer.echo)).content).toEqual([{ type: 'text', text: peer.echo[2] }]);
      const image = (await call(client, peer.image)).content.find(({ type }) => type === 'image');
      expect(image).toMatchObject({ mimeType: 'image/png' });
      expect(
        Buffer.from(image?.data ?? '', 'base64')
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
      const failed = await call(client, peer.error);
      expect(failed.isError).toBe(true);
      expect(failed.content[0]?.text).toMatch(peer.error[2]);
      const wrong = await call(client, [peer.echo[0], { nothing: 1 }]);
      expect(wrong.content[0]?.text).toMatch(/^The arguments do not fit the tool/);
      await client.close();
    });

    run('gets progress', async () => {
      const client = await connect(open);
      const reports: number[] = [];
      await call(client, peer.progress, { onprogress: ({ progress }) => reports.push(progress) });
      expect(reports).toEqual(Array.from({ length: peer.progress[2] }, (_, i) => i + 1));
      await client.close();
    });

    run('reads a resource and a template, and gets a prompt', async () => {
      const client = await connect(open);
      for (const [uri, text] of [peer.resource, peer.template]) {
        const { contents } = await client.readResource({ uri });
        expect(contents).toEqual([expect.objectContaining({ uri, text: expect.stringMatching(text) })]);
      }
      await expect(client.readResource({ uri: 'file:///etc/passwd' })).rejects.toMatchObject({
        code: -32_602,
      });
      const [name, given, text] = peer.prompt;
      const { messages } = await client.getPrompt({ name, arguments: given });
      expect(JSON.stringify(messages)).toMatch(text);
      await expect(client.getPrompt({ name, arguments: { other: 'x' } })).rejects.toMatchObject({
        code: -32_602,
      });
      await client.close();
    });

    run('cancels a call, and another client is served meanwhile', async () => {
      const client = await connect(open);
      const other = await connect(open, BOB);
      const leave = new AbortController();
      const before = service.records().length;
      const slow = call(client, peer.slow, { signal: leave.signal }).then(
        () => 'done',
        () => 'cancelled',
      );
      expect((await call(other, peer.echo)).content[0]?.text).toBe(peer.echo[2]);
      leave.abort();
      expect(await slow).toBe('cancelled');
      await client.close();
      await other.close();
      const isCancelled = () =>
        service
          .records()
          .slice(before)
          .some(({ errorCode, tool }) => errorCode === 'cancelled' && tool === peer.slow[0]);
      for (let i = 0; i < 250 && !isCancelled(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(isCancelled()).toBe(true);
    });
  });

  run(
    'is spoken to in its newest revision, with no byte of a token and with the id of the client',
    async () => {
      const bytes = tap.bytes();
      const versions = new Set([...bytes.matchAll(/^mcp-protocol-version: (\S+)/gim)].map(([, one]) => one));
      expect([...versions]).toContain(peer.version);
      expect(bytes).not.toMatch(/^authorization:/im);
      for (const secret of [ALICE, BOB, STRANGER]) {
        expect(bytes).not.toContain(secret);
        expect(bytes).not.toContain(Buffer.from(secret).toString('base64').slice(0, 30));
      }
      // Every call, read and prompt names the client, and nothing else does.
      const bodies = bytes.split('\r\n').filter((line) => line.startsWith('{'));
      const calls = bodies
        .map((line) => /^\{.*\}/.exec(line)?.[0] ?? '{}')
        .filter((line) => /"method":"(?:tools\/call|resources\/read|prompts\/get)"/.test(line));
      expect(calls.length).toBeGreaterThan(10);
      for (const text of calls) expect(text).toMatch(/"hardened-mcp\/clientId":"(?:alice|bob)"/);
      expect(bytes.replaceAll(/"hardened-mcp\/clientId":"\w+"/g, '')).not.toMatch(/"(?:alice|bob|stranger)"/);
      const headers = new Set(
        [...bytes.matchAll(/^([a-z-]+): /gim)].map(([, name = '']) => name.toLowerCase()),
      );
      expect([...headers].filter((name) => !HEADERS.has(name))).toEqual([]);
    },
  );

  run('is cut off at the deadline of the lock', async () => {
    const shorter = createPlace();
    await shorter.pin(tap.url);
    shorter.edit(({ tools }) => {
      for (const tool of tools) tool.deadlineMs = 500;
    });
    const hasty = await startService(shorter, tap.url);
    const client = (await connectV2(hasty.url, ALICE, PINNED)) as unknown as AnyClient;
    const result = await call(client, peer.slow);
    expect(result).toMatchObject({ isError: true, content: [{ text: 'The call did not finish in time' }] });
    await hasty.record({ errorCode: 'deadline_exceeded', tool: peer.slow[0], clientId: 'alice' });
    await client.close();
    await hasty.stop();
    shorter.remove();
  });
});

/** Every header that a server may get. */
const HEADERS = new Set([
  ...['accept', 'connection', 'content-length', 'content-type', 'host'],
  ...['mcp-method', 'mcp-name', 'mcp-protocol-version', 'mcp-session-id'],
]);

describe('a stateful server', () => {
  let place: Place;
  let process_: Started;
  const url = 'http://127.0.0.1:9304/mcp';
  beforeAll(async () => {
    place = createPlace();
    process_ = await startPeer([process.execPath, join(FOLDER, 'fastmcp.mjs'), '9304'], 9304, place.folder);
    await place.pin(url);
  });
  afterAll(() => {
    process_.kill();
    place.remove();
  });

  async function remembered(session: string): Promise<string[]> {
    const service = await startService(place, url, { MCP_SERVER_SESSION: session });
    const clients = [];
    for (const token of [ALICE, BOB]) {
      clients.push((await connectV2(service.url, token, PINNED)) as unknown as AnyClient);
    }
    const texts: string[] = [];
    for (const [index, client] of [...clients, ...clients].entries()) {
      const { content } = await call(client, ['remember', { text: `secret-${index}` }]);
      texts.push(content[0]?.text ?? '');
    }
    for (const client of clients) await client.close();
    await service.stop();
    return texts;
  }

  test('with per-request, no call sees what another left, of the same client or of another', async () => {
    expect(await remembered('per-request')).toEqual(['secret-0', 'secret-1', 'secret-2', 'secret-3']);
  });

  test('with shared, every client sees what all have left, as documented', async () => {
    expect((await remembered('shared')).at(-1)).toBe('secret-0 secret-1 secret-2 secret-3');
  });
});
