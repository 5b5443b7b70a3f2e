import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { startProcess } from '../service/support/start-process.ts';
import { programBundle } from '../support/bundles.ts';

const call = programBundle('call');

function run(words: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [call, ...words], {
    encoding: 'utf8',
    input,
  });
  return { status, stdout, stderr };
}

describe('npm run call', () => {
  test('takes the token from standard input, so that no process list shows it', () => {
    // Nothing listens on port 1: the token was read, and the call got as far as connecting.
    const { status, stderr } = run(['--token', '-', '--url', 'http://127.0.0.1:1/mcp'], 'secret-token\n');
    expect(status).toBe(1);
    expect(stderr).not.toContain('--token is required');
    expect(stderr).not.toContain('secret-token');
  });

  test('explains the usage when an argument is invalid', () => {
    const { status, stderr } = run(['--token', 'x', 'scrape_url', 'url']);
    expect(status).toBe(64);
    expect(stderr).toMatch(/an argument must be name=text or name:=JSON, got "url"\nusage: /);
  });

  test('says that no server listens, and at which address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const { stderr } = run(['--token', 'x', '--url', `http://127.0.0.1:${port}/mcp`]);
    expect(stderr).toBe(
      `connection refused by http://127.0.0.1:${port}/mcp (ECONNREFUSED): is npm start running?\n`,
    );
  });

  test('prints no terminal control sequences of a server', async () => {
    const results: Readonly<Record<string, object>> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'evil', version: '1' },
      },
      'tools/list': {
        tools: [
          {
            name: 'red',
            description: 'a\u001b[31mb\u0007\u009bc\u202ed\ne\tf',
            inputSchema: { type: 'object' },
          },
        ],
      },
    };
    const server = createServer(async (request, response) => {
      const { id, method = '' } = (await json(request).catch(() => ({}))) as { id?: number; method?: string };
      const result = results[method];
      if (id === undefined) return void response.writeHead(request.method === 'POST' ? 202 : 405).end();
      response.setHeader('content-type', 'application/json');
      const error = { code: -32601, message: 'Method not found' };
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const words = ['--token', 'x', '--url', `http://127.0.0.1:${port}/mcp`];
    const called = startProcess(process.execPath, [call, ...words]);
    const status = await called.exited();
    server.closeAllConnections();
    server.close();
    expect([status, called.stdout(), called.stderr()]).toEqual([0, 'red: a[31mbcd\ne\tf\n', '']);
  });
});
