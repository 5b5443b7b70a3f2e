import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startProcess } from '../../test/service/support/start-process.ts';
import { MAIN } from './support/main.ts';
import { answersOn } from './support/scenarios.ts';
import { type SoundOptions, type SoundServer, startSound, TOKEN } from './support/sound-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcp-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function doctor(words: readonly string[], variables: Record<string, string> = {}) {
  const cli = startProcess(process.execPath, ['--import', 'tsx', MAIN, ...words], variables);
  const code = await cli.exited(25_000);
  return { code, stdout: cli.stdout(), stderr: cli.stderr() };
}

/** It needs no token, and answers a page of another origin, which cannot read the answer. */
const FOREIGN_ORIGIN: SoundOptions = {
  open: true,
  ...answersOn(({ request }) => request.headers.origin !== undefined),
};

describe('npm run doctor', () => {
  let server: SoundServer;
  let words: string[];
  const start = async (options?: SoundOptions) => {
    server = await startSound({ secure: true, ...options });
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, server.ca ?? '');
    words = [server.url, '--ca', ca, '--http-port', String(server.httpPort), '--patience', '1'];
  };
  afterEach(() => server?.stop());

  test('prints a table and its progress, and exits with 0 if every check passed', async () => {
    await start();
    const { code, stdout, stderr } = await doctor(words, { MCP_TOKEN: TOKEN });
    expect(stdout).toMatch(/^pass +origin\/foreign +Requests from other origins are refused$/m);
    expect(stdout).toMatch(/^70 passed, 0 failed, 0 inconclusive, 21 not applicable\.$/m);
    expect(stderr).toContain('91 of 91 checks done');
    expect(stdout + stderr).not.toContain('\u001b');
    expect(code).toBe(0);
  });

  test('exits by severity, and shows evidence, fix and reference', async () => {
    await start(FOREIGN_ORIGIN);
    const { code, stdout } = await doctor(words, { MCP_TOKEN: TOKEN });
    expect(stdout).toMatch(
      /^fail +medium +origin\/foreign +Requests from pages of other origins are answered\n +seen: origin: https:\/\/attacker.*\n +fix: +Answer 403 .*\n +see: +MCP 2026/m,
    );
    expect(code).toBe(3);
  });

  test('exits with 1 for a low severity, and if a check was inconclusive', async () => {
    await start({ before: ({ response }) => !response.setHeader('server', 'nginx/1.18.0') });
    expect((await doctor(words, { MCP_TOKEN: TOKEN })).code).toBe(1);
    await server.stop();
    await start();
    const { code, stdout } = await doctor(words);
    expect(stdout).toContain('Checks that need a token were not run: no token was given, set MCP_TOKEN.');
    expect(code).toBe(1);
  });

  test('writes every format to files, with the token from a file', async () => {
    await start({ metadata: { resource: 'https://other.example.com/mcp' } });
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    const output = join(folder, 'report');
    const { code, stdout } = await doctor([...words, '--token-file', tokenFile, '--output', output]);
    expect(stdout).toContain('metadata/resource');
    expect(code).toBe(2);
    const json = JSON.parse(readFileSync(`${output}.json`, 'utf8'));
    expect(json).toMatchObject({ version: 1, exitCode: 2, url: server.url, findings: expect.any(Array) });
    const junit = readFileSync(`${output}.xml`, 'utf8');
    expect(junit).toMatch(/<testsuites name="doctor [^"]+" tests="91" failures="1" errors="0" time="/);
    expect(junit).toMatch(/<failure type="medium" message="resource is &quot;https:\/\/other/);
    const html = readFileSync(`${output}.html`, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/ src=| href="(?!#)|<script|<link|url\(/);
    for (const text of [JSON.stringify(json), junit, html]) expect(text).not.toContain(TOKEN);
  });

  test('prints only the requested format', async () => {
    await start();
    const { stdout } = await doctor([...words, '--json'], { MCP_TOKEN: TOKEN });
    expect(JSON.parse(stdout).findings).toHaveLength(91);
  });
});

describe('npm run doctor refuses', () => {
  let open: SoundServer;
  beforeAll(async () => {
    open = await startSound();
  });
  afterAll(() => open.stop());

  test.each([
    [[], 'exactly one URL is required'],
    [['ftp://localhost/'], 'the URL must be http or https, got "ftp://localhost/"'],
    [['https://user:secret-word@localhost/'], 'the URL must not contain credentials or a fragment'],
    [
      ['http://127.0.0.1:1/', '--rate-test', '0'],
      '--rate-test must be a whole number from 1 to 2000, got "0"',
    ],
    [['http://127.0.0.1:1/', '--json', '--html'], 'more than one format needs --output NAME'],
    [['http://127.0.0.1:1/', '--ca', '/nowhere'], '/nowhere cannot be read (ENOENT)'],
    [['http://127.0.0.1:1/', '--token', 'x'], "Unknown option '--token'"],
  ])('%j', async (words, text) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', 'tsx', MAIN, ...words], {
      encoding: 'utf8',
      env: {},
    });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('secret-word');
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  });

  test('a malformed token, without printing it', async () => {
    const { code, stderr } = await doctor([open.url], { MCP_TOKEN: 'Bearer abc-def-ghi' });
    expect(stderr).toContain('MCP_TOKEN must be one token');
    expect(stderr).not.toContain('abc-def');
    expect(code).toBe(64);
  });

  test('a URL where nothing listens, with 69', async () => {
    expect(await doctor(['http://127.0.0.1:1/mcp'])).toMatchObject({
      code: 69,
      stderr: 'no HTTP response: nothing listens there, or the server closes the connection\n',
    });
  });

  test('no run with --help', async () => {
    const { code, stdout } = await doctor(['--help']);
    expect(stdout).toContain('  0   every check passed or does not apply');
    expect(code).toBe(0);
  });
});
