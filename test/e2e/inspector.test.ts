import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LoopbackServer, startServer } from '../service/scrape/support/network.ts';
import { readPageText } from '../service/support/page-text.ts';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';

const TOKEN = 'inspector-of-the-tests-0123456789';
const cli = new URL('../../node_modules/.bin/mcp-inspector', import.meta.url).pathname;

let site: LoopbackServer;
let server: RunningProcess;
let url: string;
/** The Inspector keeps state in its home folder. */
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mcp-inspector-'));
  site = await startServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>Mine</title><h1>Hello</h1><p>from <b>loopback</b></p>');
  });
  const variables = { PORT: '0', MCP_DEV_TOKEN: TOKEN, SCRAPE_LOCAL_ORIGINS: site.origin };
  server = startProcess('npm', ['start'], variables);
  url = (await server.says(/^MCP server {3}(\S+)$/m))[1] as string;
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.exited();
  await site.close();
  rmSync(home, { recursive: true });
});

interface Inspected {
  readonly result?: {
    readonly tools?: readonly { readonly name: string }[];
    readonly content?: readonly [{ readonly text: string }];
  };
  readonly error?: { readonly code: string };
}

/** Output and exit code of the command line. */
async function inspect(era: string, args: readonly string[], token?: string) {
  const header = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  const target = ['--cli', url, '--transport', 'http', '--protocol-era', era, '--stored-auth-only'];
  const run = startProcess(cli, [...target, '--format', 'json', ...args, ...header], { HOME: home });
  const code = await run.exited(30_000);
  const said = code === 0 ? run.stdout() : (run.stderr().trim().split('\n').at(-1) ?? '');
  return { code, stderr: run.stderr(), ...(JSON.parse(said) as Inspected) };
}

describe.each([
  ['legacy', '2025-11-25'],
  ['modern', '2026-07-28'],
])('the command line of the MCP Inspector in the %s era', (era, revision) => {
  test('lists the tools and finds no problem with their schemas', async () => {
    const { code, stderr, result } = await inspect(era, ['--method', 'tools/list', '--strict'], TOKEN);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('Issue: ') });
    expect(result?.tools?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['scrape_url', 'scrape_with_selector']),
    );
  });

  test.each([
    ['scrape_url', ['format=text'], 'Hello\n\nfrom loopback'],
    ['scrape_with_selector', ['selector=p > b'], '<b>loopback</b>'],
  ])('calls %s', async (name, more, content) => {
    const call = [
      '--method',
      'tools/call',
      '--tool-name',
      name,
      '--tool-arg',
      `url=${site.origin}/`,
      ...more,
    ];
    const { code, result } = await inspect(era, call, TOKEN);
    expect({ code, page: readPageText(result?.content?.[0].text ?? '') }).toMatchObject({
      code: 0,
      page: { title: 'Mine', status: 200, content },
    });
    const records = server
      .stdout()
      .split('\n')
      .filter((line) => line.includes(`"tool":"${name}"`));
    expect(JSON.parse(records.at(-1) ?? '')).toMatchObject({ protocolVersion: revision, outcome: 'ok' });
  });

  test.each([
    ['without a token', undefined],
    ['with a wrong token', 'wrong-0123456789-0123456789'],
  ])('exits with its documented code %s', async (_what, token) => {
    const { code, error } = await inspect(era, ['--method', 'tools/list'], token);
    expect({ code, error: error?.code }).toEqual({ code: 3, error: 'auth_required' });
  });
});
