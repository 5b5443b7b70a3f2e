import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type RunningProcess,
  type StartOptions,
  startProcess,
  urlOf,
} from '../service/support/start-process.ts';
import { fixtureBundle, serviceWithFixtures } from '../support/bundles.ts';
import { type LoopbackServer, startServer } from '../support/network.ts';
import { connectV1, connectV2, PINNED } from '../support/sdk-clients.ts';

const TOKEN = 'dev-token-of-the-tests-0123456789';

let site: LoopbackServer;
let origin: string;
const requested: string[] = [];

beforeAll(async () => {
  site = await startServer((request, response) => {
    requested.push(request.url ?? '');
    if (request.url?.startsWith('/slow')) {
      setTimeout(
        () => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>slow</title>late'),
        800,
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hi</title>');
  });
  origin = site.origin;
});
afterAll(() => site.close());

const environment = () => ({ PORT: '0', MCP_DEV_TOKEN: TOKEN, SCRAPE_LOCAL_ORIGINS: origin });

function start(options: StartOptions = {}): RunningProcess {
  return startProcess('npm', ['start'], environment(), { cwd: serviceWithFixtures(), ...options });
}

/** The same program as a bundle, which starts in a third of the time. */
function startBundled(variables: Record<string, string>): RunningProcess {
  return startProcess(process.execPath, [fixtureBundle(), 'local'], { ...environment(), ...variables });
}

describe('npm start', () => {
  let server: RunningProcess;
  let url: URL;
  beforeAll(async () => {
    server = start();
    url = await urlOf(server);
  });
  afterAll(async () => {
    server.child.kill('SIGTERM');
    await server.exited();
  });

  test('prints the URL, the token, the allowed hosts and a client configuration that connects', async () => {
    const text = server.stderr();
    expect(url.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(text).toContain(`Token        ${TOKEN}`);
    expect(text).toContain(`May scrape   any public host; private addresses are refused except ${origin}`);
    const pasted = JSON.parse(/^\{\n {2}"mcpServers"[\s\S]*?^\}$/m.exec(text)?.[0] ?? '');
    const { url: configured, headers } = pasted.mcpServers['hardened-mcp'];
    const [scheme, token] = headers.Authorization.split(' ');
    expect(scheme).toBe('Bearer');
    const client = await connectV1(configured, token);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['fetch_page', 'greet']);
    await client.close();
  });

  test('is reachable only from this machine: it does not listen on its other addresses', async () => {
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${url.port}/healthz`)).rejects.toThrow();
  });

  test.each([
    ['v1', () => connectV1(url, TOKEN)],
    ['v2, pinned to 2026-07-28,', () => connectV2(url, TOKEN, PINNED)],
  ])('a client of the SDK %s calls a tool that reads a page', async (_generation, connect) => {
    const client = await connect();
    const result = await client.callTool({ name: 'fetch_page', arguments: { url: `${origin}/` } });
    expect(result).toMatchObject({ content: [{ text: '<title>Hi</title>' }] });
    await client.close();
  });

  test('private addresses are refused without a connection, and the audit line names the address', async () => {
    const client = await connectV1(url, TOKEN);
    const other = `http://localhost:${new URL(origin).port}/secret`;
    const before = requested.length;
    for (const target of [
      other,
      'http://169.254.169.254/latest/meta-data/',
      'http://[::1]/',
      'http://10.0.0.1/',
    ]) {
      const result = await client.callTool({ name: 'fetch_page', arguments: { url: target } });
      expect(result).toMatchObject({
        isError: true,
        content: [{ text: 'This URL may not be fetched from here' }],
      });
    }
    expect(requested).toHaveLength(before);
    await client.close();
    const refusals = () =>
      server
        .stdout()
        .split('\n')
        .filter((line) => line.includes('"errorCode":"url_refused"'))
        .map((line) => JSON.parse(line));
    for (let i = 0; i < 100 && refusals().length < 4; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const refused = refusals();
    expect(refused).toHaveLength(4);
    expect(refused[1]).toMatchObject({ outcome: 'denied', tool: 'fetch_page', clientId: 'local' });
    expect(refused[1].reason).toContain('169.254.169.254');
  });

  test('the token appears in no audit line and in no log line', () => {
    expect(server.stdout()).not.toContain(TOKEN);
    for (const line of server
      .stderr()
      .split('\n')
      .filter((text) => text.startsWith('{"type"'))) {
      expect(line).not.toContain(TOKEN);
    }
  });
});

describe('the process', () => {
  // Ctrl-C in a terminal goes to every process of the group; a process manager sends SIGTERM to npm alone.
  test.each([
    ['SIGINT', 'the process group', (npm: number) => process.kill(-npm, 'SIGINT')],
    ['SIGTERM', 'npm', (npm: number) => process.kill(npm, 'SIGTERM')],
  ])(
    'on %s to %s completes requests in flight, flushes its audit log and leaves no process behind',
    async (signal, _to, stop) => {
      const server = start({ detached: true });
      const url = await urlOf(server);
      const answer = fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${TOKEN}`,
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'fetch_page', arguments: { url: `${origin}/slow` } },
        }),
      });
      while (!requested.at(-1)?.startsWith('/slow')) await new Promise((resolve) => setTimeout(resolve, 10));
      requested.push('');
      stop(server.child.pid as number);
      const response = await answer;
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('late');
      await expect(fetch(url)).rejects.toThrow();
      // npm waits for a shell that became the command (bash); it ends by the signal with one that did not (dash).
      expect([0, signal]).toContain(await server.exited(3000));
      expect(server.stdout() + server.stderr()).toContain('"event":"drained","complete":true');
      expect(server.stdout()).toMatch(/"tool":"fetch_page".*"outcome":"ok"/);
    },
  );

  test('lists every bad variable at once and exits 1', async () => {
    const server = startBundled({ PORT: 'http', HOST: '0.0.0.0', SCRAPE_MAX_BYTES: '-1' });
    expect(await server.exited()).toBe(1);
    const text = server.stderr();
    expect(text).toContain('PORT must be a whole number from 0 to 65535, got "http"');
    expect(text).toContain('HOST must be 127.0.0.1, ::1 or localhost in the local profile, got "0.0.0.0"');
    expect(text).toContain('SCRAPE_MAX_BYTES must be a whole number from 1024 to 2097152, got "-1"');
    expect(text).not.toMatch(/^\s+at /m);
  });

  test('a port in use gives one line with a working command', async () => {
    const server = startBundled({ PORT: new URL(origin).port });
    expect(await server.exited()).toBe(1);
    expect(server.stderr()).toMatch(
      /^Port \d+ of 127\.0\.0\.1 is in use by another program \(EADDRINUSE\)\. .*PORT=\d+ npm start$/m,
    );
  });

  test('without MCP_DEV_TOKEN every start has another token', async () => {
    const tokens = [];
    for (let i = 0; i < 2; i++) {
      const server = startBundled({ MCP_DEV_TOKEN: '' });
      tokens.push((await server.says(/^Token {8}(\S{43})$/m))[1]);
      server.child.kill('SIGTERM');
      await server.exited();
    }
    expect(new Set(tokens).size).toBe(2);
  });
});
