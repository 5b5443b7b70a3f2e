import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LoopbackServer, startServer } from '../../../support/network.ts';
import { connectV1, connectV2, PINNED } from '../../../support/sdk-clients.ts';
import { type RunningProcess, startProcess, urlOf } from '../../support/start-process.ts';
import { readPageText } from '../support/page-text.ts';

const TOKEN = 'dev-token-of-the-tests-0123456789';

/** The HTML documentation of npm: a real site of some seventy pages that every machine with npm has. */
const npmCli = /^npm_execpath=(.*)$/m.exec(
  execFileSync('npm', ['run', '--silent', 'env'], { encoding: 'utf8' }),
)?.[1];
const docs = join(npmCli ?? '', '../../docs/output');

let site: LoopbackServer;
let origin: string;

beforeAll(async () => {
  site = await startServer((request, response) => {
    const file = join(docs, normalize(new URL(request.url ?? '/', 'http://site').pathname));
    if (!file.startsWith(docs) || !existsSync(file))
      response.writeHead(404, { 'content-type': 'text/html' }).end('<title>gone</title>');
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(readFileSync(file));
  });
  origin = site.origin;
});
afterAll(() => site.close());

function start(): RunningProcess {
  return startProcess('npm', ['start'], { PORT: '0', MCP_DEV_TOKEN: TOKEN, SCRAPE_LOCAL_ORIGINS: origin });
}

describe('npm start with the tools that scrape', () => {
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

  test('a client of the v1 SDK scrapes real documentation pages as markdown', async () => {
    const client = await connectV1(url, TOKEN);
    // From here on, the client checks every result against the output schema.
    await client.listTools();
    for (const page of ['npm-install', 'npm-ci', 'npm-run', 'npm-audit', 'npm-view']) {
      const result = await client.callTool({
        name: 'scrape_url',
        arguments: { url: `${origin}/commands/${page}.html`, format: 'markdown', maxCharacters: 200_000 },
      });
      expect(result.isError).toBeUndefined();
      const read = readPageText((result.content as [{ text: string }])[0].text);
      expect(read).toMatchObject({
        url: `${origin}/commands/${page}.html`,
        status: 200,
        truncated: false,
      });
      expect(read.title).toContain(page);
      expect(read.content).toContain('### Description');
      expect(read.content).not.toMatch(/<style|<script|<\/h1>/);
      expect(read.notice).toMatch(/untrusted/i);
    }
    await client.close();
  });

  test('a client of the v2 SDK, pinned to 2026-07-28, selects from a page', async () => {
    const client = await connectV2(url, TOKEN, PINNED);
    const result = await client.callTool({
      name: 'scrape_with_selector',
      arguments: { url: `${origin}/commands/npm-install.html`, selector: 'h1' },
    });
    expect(result.isError).toBeUndefined();
    const [part] = result.content;
    expect(readPageText(part?.type === 'text' ? part.text : '').content).toContain('npm-install');
    await client.close();
  });
});
