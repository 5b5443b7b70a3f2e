import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningProcess, startProcess, urlOf } from '../service/support/start-process.ts';
import { fixtureBundle } from '../support/bundles.ts';
import { type LoopbackServer, startServer } from '../support/network.ts';

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
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Mine</title>');
  });
  const variables = { PORT: '0', MCP_DEV_TOKEN: TOKEN, SCRAPE_LOCAL_ORIGINS: site.origin };
  server = startProcess(process.execPath, [fixtureBundle(), 'local'], variables);
  url = (await urlOf(server)).href;
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
    expect(result?.tools?.map(({ name }) => name)).toEqual(['fetch_page', 'greet']);
  });

  test.each([
    ['fetch_page', () => `url=${site.origin}/`, '<title>Mine</title>'],
    ['greet', () => 'name=Ada', 'Hello, Ada'],
  ])('calls %s', async (name, argument, text) => {
    const call = ['--method', 'tools/call', '--tool-name', name, '--tool-arg', argument()];
    const { code, result } = await inspect(era, call, TOKEN);
    expect({ code, text: result?.content?.[0].text }).toEqual({ code: 0, text });
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
