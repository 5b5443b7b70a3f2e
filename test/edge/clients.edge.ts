import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProcess } from '../service/support/start-process.ts';
import { type Scene, startScene, TOKEN } from './support/scene.ts';

const script = (path: string) => new URL(path, import.meta.url).pathname;
const TOOLS = ['fetch_page'];

let scene: Scene;
/** The Inspector keeps state in its home folder. */
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mcp-inspector-'));
  scene = await startScene();
}, 120_000);
afterAll(async () => {
  await scene.stop();
  rmSync(home, { recursive: true });
});

/** A client in its own process that trusts the authority and resolves names to loopback. */
function startClient(command: string, args: readonly string[], more: Record<string, string> = {}) {
  return startProcess(command, args, {
    NODE_EXTRA_CA_CERTS: scene.edge.authorityFile,
    NODE_OPTIONS: `--import ${script('support/loopback-names.mjs')}`,
    ...more,
  });
}

function startSdkClients(more?: Record<string, string>) {
  const clients = ['--import', 'tsx', script('support/list-and-call.ts'), scene.url];
  const run = startClient(process.execPath, clients, more);
  run.child.stdin?.end(TOKEN);
  return run;
}

test('clients of both SDK generations list and call tools through the edge, at the public name', async () => {
  const run = startSdkClients();
  expect({ code: await run.exited(30_000), stderr: run.stderr() }).toMatchObject({ code: 0 });
  const said = run
    .stdout()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(said.map(({ name, revision }) => [name, revision])).toEqual([
    ['v1', '2025-11-25'],
    ['v2 by default', '2025-11-25'],
    ['v2 pinned', '2026-07-28'],
    ['v2 newest first', '2026-07-28'],
  ]);
  for (const { tools, result } of said) {
    expect(tools).toEqual(TOOLS);
    // The deployed profile reaches no page on this machine; the refusal shows that the call passed the edge.
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('This URL may not be fetched from here') }],
    });
  }
  const calls = scene.records().filter(({ method }) => method === 'tools/call');
  expect(calls).toHaveLength(said.length);
  for (const call of calls) expect(call).toMatchObject({ clientId: 'ci', errorCode: 'url_refused' });
}, 60_000);

test('a client that does not trust the authority does not connect', async () => {
  const run = startSdkClients({ NODE_EXTRA_CA_CERTS: '' });
  expect(await run.exited(30_000)).toBe(1);
  expect(run.stderr()).toMatch(/UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)/);
}, 60_000);

describe.each([
  ['legacy', '2025-11-25'],
  ['modern', '2026-07-28'],
])('the command line of the MCP Inspector in the %s era', (era, revision) => {
  function inspect(token: string) {
    const target = ['--cli', scene.url, '--transport', 'http', '--protocol-era', era, '--stored-auth-only'];
    const list = ['--format', 'json', '--method', 'tools/list', '--header', `Authorization: Bearer ${token}`];
    return startClient(script('../../node_modules/.bin/mcp-inspector'), [...target, ...list], { HOME: home });
  }

  test('lists the tools through the edge', async () => {
    const run = inspect(TOKEN);
    expect({ code: await run.exited(30_000), stderr: run.stderr() }).toMatchObject({ code: 0 });
    const { result } = JSON.parse(run.stdout());
    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(TOOLS);
    expect(scene.records().at(-1)).toMatchObject({ protocolVersion: revision, outcome: 'ok' });
  }, 60_000);

  test('reports that its token is wrong', async () => {
    const run = inspect('wrong-0123456789-0123456789');
    expect(await run.exited(30_000)).toBe(3);
    expect(run.stderr()).toContain('auth_required');
  }, 60_000);
});
