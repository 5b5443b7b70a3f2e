import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { startProcess } from '../service/support/start-process.ts';
import { fixtureBundle, serviceWithFixtures } from '../support/bundles.ts';
import { type LoopbackServer, startServer } from '../support/network.ts';

const PAGE = '<title>Hi</title>';

let site: LoopbackServer;
let origin: string;
const asked: string[] = [];
beforeAll(async () => {
  site = await startServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/slow') return;
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  });
  origin = site.origin;
});
afterAll(() => site.close());

const identity = { name: 'test', version: '1.0.0' };

/** The source takes a second to start, and the bundle a third of it. */
const COMMANDS = {
  'npm run stdio': ['npm', 'run', '--silent', 'stdio'],
  'the bundle': [process.execPath, fixtureBundle(), 'stdio'],
} as const;

async function connect(program: keyof typeof COMMANDS, generation: 'v1' | 'v2') {
  const [command, ...args] = COMMANDS[program];
  const started = {
    command,
    args,
    cwd: serviceWithFixtures(),
    env: { SCRAPE_LOCAL_ORIGINS: origin, ...environment() },
    stderr: 'pipe' as const,
  };
  if (generation === 'v1') {
    const transport = new OldTransport(started);
    const client = new OldClient(identity);
    await client.connect(transport);
    return { client, transport };
  }
  const transport = new ModernTransport(started);
  const client = new ModernClient(identity);
  await client.connect(transport);
  return { client, transport };
}

function environment(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: PATH and HOME, to find node and npm
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

describe.each([
  ['npm run stdio', 'v1'],
  ['the bundle', 'v2'],
] as const)('%s with a client of the %s SDK', (program, generation) => {
  test('serves the same tools as over HTTP, makes the same checks and audits on standard error', async () => {
    const { client, transport } = await connect(program, generation);
    let audit = '';
    transport.stderr?.on('data', (text) => {
      audit += text;
    });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['fetch_page', 'greet']);

    const page = await client.callTool({ name: 'fetch_page', arguments: { url: `${origin}/` } });
    expect(page).toMatchObject({ content: [{ text: PAGE }] });

    const refused = await client.callTool({
      name: 'fetch_page',
      arguments: { url: 'http://169.254.169.254/' },
    });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: 'This URL may not be fetched from here' }],
    });
    await expect(client.callTool({ name: 'nope', arguments: {} })).rejects.toThrow(/Unknown tool/);

    for (let i = 0; i < 100 && audit.split('{"type":"audit"').length < 4; i++)
      await new Promise((r) => setTimeout(r, 20));
    const records = audit
      .split('\n')
      .filter((line) => line.startsWith('{"type":"audit"'))
      .map((line) => JSON.parse(line));
    expect(records.map(({ outcome }) => outcome)).toEqual(['ok', 'denied', 'invalid']);
    expect(records[0]).toMatchObject({ clientId: 'stdio', tool: 'fetch_page', seq: 1 });
    await client.close();
  });
});

test('SIGTERM ends npm run stdio and the process that it started, and calls in flight are recorded', async () => {
  const server = startProcess(
    'npm',
    ['run', '--silent', 'stdio'],
    { SCRAPE_LOCAL_ORIGINS: origin },
    { cwd: serviceWithFixtures() },
  );
  const send = (message: object) => server.child.stdin?.write(`${JSON.stringify(message)}\n`);
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const call = { name: 'fetch_page', arguments: { url: `${origin}/slow` } };
  send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: call });
  while (!asked.includes('/slow')) await new Promise((resolve) => setTimeout(resolve, 10));
  server.child.kill('SIGTERM');
  // npm ends by the signal if its shell did not become the command; the last process closes the output.
  expect([0, 'SIGTERM']).toContain(await server.exited(6000));
  expect(server.stderr()).toMatch(/"tool":"fetch_page".*"errorCode":"(shutting_down|cancelled)"/);
});

test('a call cancelled before it began does not end the process', async () => {
  const server = startProcess(process.execPath, [fixtureBundle(), 'stdio']);
  const messages = [
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'fetch_page', arguments: { url: 'http://nowhere.example.com/' } },
    },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } },
  ];
  server.child.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await server.says(/"tool":"fetch_page"/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  server.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'ping' })}\n`);
  for (let i = 0; i < 100 && !server.stdout().includes('"id":3'); i++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(server.stdout()).toContain('"id":3');
  server.child.stdin?.end();
  expect(await server.exited(6000)).toBe(0);
});
